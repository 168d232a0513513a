"""Theme of the admin: titles, colors and sidebar."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _


def _holding(*permissions: str) -> Callable[[HttpRequest], bool]:
    return lambda request: all(map(request.user.has_perm, permissions))


def _item(title: Any, icon: str, page: str, *permissions: str) -> dict[str, Any]:
    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(f"admin:{page}_changelist"),
        "permission": _holding(*permissions),
    }


def _account_links(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the links of the user menu."""
    links = [{"title": _("Your account"), "link": reverse_lazy("account:overview")}]
    if request.user.has_perm("view-import-operations"):
        link = reverse_lazy("notice_settings")
        links.append({"title": _("E-mail notices"), "link": link})
    return links


NAVIGATION: Final[list[dict[str, Any]]] = [
    {
        "items": [
            {
                "title": _("Dashboard"),
                "icon": "dashboard",
                "link": reverse_lazy("admin:index"),
                "permission": _holding(),
            },
            _item(
                _("Import operations"),
                "move_to_inbox",
                "imports_app_importoperation",
                "view-import-operations",
            ),
        ]
    },
    {
        "title": _("Workspace"),
        "items": [
            _item(
                _("Rooms"),
                "forum",
                "imports_app_room",
                "view-room-administration",
            ),
            _item(
                _("Messages"),
                "chat",
                "imports_app_message",
                "view-room-administration",
            ),
            _item(
                _("Files"),
                "attach_file",
                "imports_app_messagefile",
                "view-room-administration",
            ),
            _item(
                _("Exports"),
                "drive_file_move",
                "imports_app_workspaceexport",
                "view-room-administration",
                "view-user-administration",
            ),
        ],
    },
    {
        "title": _("Other servers"),
        "items": [
            _item(
                _("Connected servers"),
                "hub",
                "imports_app_server",
                "manage-connected-servers",
            ),
            _item(
                _("Imports of other servers"),
                "cloud_sync",
                "imports_app_mirroredoperation",
                "view-import-operations",
            ),
            _item(
                _("Deliveries to servers"),
                "send",
                "imports_app_delivery",
                "manage-connected-servers",
                "view-room-administration",
                "view-user-administration",
            ),
            _item(
                _("Imports into Mattermost"),
                "upload",
                "imports_app_mattermostimport",
                "manage-connected-servers",
                "view-room-administration",
                "view-user-administration",
            ),
        ],
    },
    {
        "title": _("Notices"),
        "items": [
            _item(
                _("Webhooks"),
                "webhook",
                "imports_app_webhook",
                "manage-outgoing-integrations",
                "view-import-operations",
            ),
            _item(
                _("Notice deliveries"),
                "outgoing_mail",
                "imports_app_noticedelivery",
                "manage-outgoing-integrations",
                "view-import-operations",
            ),
        ],
    },
    {
        "title": _("Users and permissions"),
        "items": [
            _item(
                _("Users"),
                "person",
                "accounts_user",
                "view-user-administration",
            ),
            _item(
                _("Roles"),
                "shield_person",
                "accounts_role",
                "access-permissions",
            ),
            _item(_("Tokens"), "key", "accounts_authtoken", "access-permissions"),
            _item(
                _("Activity log"),
                "history",
                "accounts_activityentry",
                "access-permissions",
            ),
            _item(
                _("Failed logins"),
                "lock_clock",
                "accounts_failedlogin",
                "view-user-administration",
            ),
        ],
    },
]
"""Groups of links in the sidebar."""

UNFOLD = {
    "SITE_TITLE": _("Import server"),
    "SITE_HEADER": _("Import server"),
    "SITE_SUBHEADER": _("Rocket.Chat's import API"),
    "SITE_SYMBOL": "move_to_inbox",
    "SITE_URL": "/api/docs/",
    "SHOW_VIEW_ON_SITE": False,
    "LOGIN": {"form": "accounts.auth.login_form.LoginForm"},
    "ACCOUNT": {"navigation": _account_links},
    "DASHBOARD_CALLBACK": "imports_app.admin.dashboard.panels.fill",
    "STYLES": [
        lambda request: static("imports_app/admin.css"),
        lambda request: static("imports_app/accessibility.css"),
        lambda request: static("imports_app/no-script.css"),
    ],
    "SCRIPTS": [
        lambda request: static("imports_app/alpine_scope.js"),
        lambda request: static("imports_app/keyboard.js"),
        lambda request: static("imports_app/local_times.js"),
    ],
    "SITE_FAVICONS": [
        {
            "rel": "icon",
            "type": "image/svg+xml",
            "href": lambda request: static("imports_app/icon.svg"),
        }
    ],
    "COLORS": {
        "primary": {
            "50": "oklch(97% .014 254.6)",
            "100": "oklch(93.2% .032 255.6)",
            "200": "oklch(88.2% .059 254.1)",
            "300": "oklch(80.9% .105 251.8)",
            "400": "oklch(70.7% .165 254.6)",
            "500": "oklch(62.3% .214 259.8)",
            "600": "oklch(54.6% .245 262.9)",
            "700": "oklch(48.8% .243 264.4)",
            "800": "oklch(42.4% .199 265.6)",
            "900": "oklch(37.9% .146 265.5)",
            "950": "oklch(28.2% .091 267.9)",
        }
    },
    "SIDEBAR": {"navigation": NAVIGATION},
}
