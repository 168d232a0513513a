"""Pages of the admin by name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from typing import Final
from urllib.parse import urljoin

from playwright.sync_api import Page


@dataclass(frozen=True)
class Place:
    """A page of the admin."""

    path: str
    of_first: str = ""
    """If set, `path` is a list and this is a page of its first row."""
    link: str = ""
    """If set, the page behind the first link of that page that contains this."""

    def visit(self, page: Page) -> None:
        """Open the page."""
        path = self.path
        if self.of_first:
            path = _find(page, path, rf"({path.partition('?')[0]}\d+/)") + self.of_first
        if self.link:
            path = _find(page, path, rf'href="([^"]*{re.escape(self.link)}[^"]*)"')
        page.goto(path)


def _find(page: Page, path: str, pattern: str) -> str:
    """Return a URL in a page, whose keys differ between servers."""
    text = page.request.get(path).text()
    found = re.search(pattern, text)
    assert found, f"{path} has no {pattern}"
    return urljoin(path, unescape(found[1]))


OPERATIONS: Final = "/admin/imports_app/importoperation/"
RECORDS: Final = "/admin/imports_app/importrecord/"
ROOMS: Final = "/admin/imports_app/room/"
MESSAGES: Final = "/admin/imports_app/message/"
FILES: Final = "/admin/imports_app/messagefile/"
USERS: Final = "/admin/accounts/user/"
ROLES: Final = "/admin/accounts/role/"
TOKENS: Final = "/admin/accounts/authtoken/"
ACTIVITY_LOG: Final = "/admin/accounts/activityentry/"
EXPORTS: Final = "/admin/imports_app/workspaceexport/"
WEBHOOKS: Final = "/admin/imports_app/webhook/"
DELIVERIES: Final = "/admin/imports_app/noticedelivery/"
SERVER_DELIVERIES: Final = "/admin/imports_app/delivery/"
MATTERMOST_IMPORTS: Final = "/admin/imports_app/mattermostimport/"
SERVERS: Final = "/admin/imports_app/server/"
MIRRORED: Final = "/admin/imports_app/mirroredoperation/"
FAILED_LOGINS: Final = "/admin/accounts/failedlogin/"
_TO_SELECT: Final = f"{OPERATIONS}?status=waiting-for-review"
_PARTLY_UNDONE: Final = f"{OPERATIONS}?status=partly-undone"
_CORRECTED: Final = f"{RECORDS}?outcome__exact=failed&q=nobody"
_DONE: Final = f"{OPERATIONS}?status=completed-with-failures"
REPORT: Final = Place(f"{_DONE}&importer=slack", "report/")
"""A page of its own, without the layout of the admin."""

PLACES: Final = {
    "dashboard": Place("/admin/"),
    "operations": Place(OPERATIONS),
    "new import": Place(f"{OPERATIONS}new/"),
    "comparison": Place(
        f"{OPERATIONS}compare/?a=MJxTRZsYdho8Ww2qq&b=YzSCu9WgqJ3wutF4T"
    ),
    "operation done": Place(f"{_DONE}&importer=slack", "change/"),
    "linked files": Place(f"{_DONE}&importer=slack", "linked-files/"),
    "reconciliation": Place(f"{_DONE}&importer=slack", "reconciliation/"),
    "operation failed": Place(f"{OPERATIONS}?status=failed", "change/"),
    "operation cancelled": Place(f"{OPERATIONS}?status=cancelled", "change/"),
    "operation undone": Place(f"{OPERATIONS}?status=undone", "change/"),
    "operation partly undone": Place(_PARTLY_UNDONE, "change/"),
    "undo operation": Place(f"{OPERATIONS}?importer=undo", "change/"),
    "operation's history": Place(_DONE, "history/"),
    "operation's deletion": Place(_DONE, "delete/"),
    "operation to select": Place(_TO_SELECT, "change/"),
    "selection": Place(_TO_SELECT, "select/"),
    "selection of rooms": Place(_TO_SELECT, "select/?kind=channel"),
    "decision about a user": Place(_TO_SELECT, "select/", "/decide/"),
    "decision about a room": Place(_TO_SELECT, "select/?kind=channel", "/decide/"),
    "decisions": Place(_TO_SELECT, "decisions/"),
    "preview": Place(_TO_SELECT, "preview/"),
    "preview of rooms": Place(_TO_SELECT, "preview/?kind=channel"),
    "preview of messages": Place(_TO_SELECT, "preview/?kind=message"),
    "other importer": Place(_TO_SELECT, "read-as/"),
    "columns": Place(_TO_SELECT, "columns/"),
    "cancellation": Place(_TO_SELECT, "cancel/"),
    "retry": Place(f"{_DONE}&q=demo-csv", "retry/"),
    "rest": Place(f"{OPERATIONS}?status=cancelled", "rest/"),
    "undo": Place(f"{_DONE}&q=demo-csv", "undo/"),
    "undo of the rest": Place(_PARTLY_UNDONE, "undo/"),
    "failed records": Place(f"{RECORDS}?outcome__exact=failed"),
    "record": Place(f"{RECORDS}?outcome__exact=failed", "change/"),
    "correction": Place(
        f"{RECORDS}?outcome__exact=failed&q=yesterday", "change/", "/correct/"
    ),
    "corrected record": Place(_CORRECTED, "change/"),
    "change of a correction": Place(_CORRECTED, "change/", "/correct/"),
    "correction before the run": Place(_TO_SELECT, "preview/", "/correct/"),
    "messages that will fail": Place(
        _TO_SELECT, "preview/?kind=message&effect=fail", "/messages/"
    ),
    "rooms": Place(ROOMS),
    "room": Place(ROOMS, "change/"),
    "conversation": Place(f"{ROOMS}?q=channel-2", "conversation/"),
    "messages": Place(MESSAGES),
    "found messages": Place(f"{MESSAGES}?q=coffee&since=2001-01-01"),
    "message": Place(MESSAGES, "change/"),
    "files": Place(FILES),
    "file": Place(FILES, "change/"),
    "exports": Place(EXPORTS),
    "export": Place(EXPORTS, "change/"),
    "new export": Place(f"{EXPORTS}add/"),
    "export's cancellation": Place(EXPORTS, "cancel/"),
    "export's deletion": Place(EXPORTS, "delete/"),
    "webhooks": Place(WEBHOOKS),
    "webhook": Place(WEBHOOKS, "change/"),
    "new webhook": Place(f"{WEBHOOKS}add/"),
    "webhook's secret": Place(WEBHOOKS, "secret/"),
    "deliveries to servers": Place(SERVER_DELIVERIES),
    "delivery to a server": Place(SERVER_DELIVERIES, "change/"),
    "new delivery to a server": Place(f"{SERVER_DELIVERIES}add/"),
    "imports into Mattermost": Place(MATTERMOST_IMPORTS),
    "import into Mattermost": Place(MATTERMOST_IMPORTS, "change/"),
    "new import into Mattermost": Place(f"{MATTERMOST_IMPORTS}add/"),
    "deliveries": Place(DELIVERIES),
    "delivery": Place(DELIVERIES, "change/"),
    "delivery's replay": Place(DELIVERIES, "replay/"),
    "connected servers": Place(SERVERS),
    "connected server": Place(SERVERS, "change/"),
    "new connected server": Place(f"{SERVERS}add/"),
    "connected server's check": Place(SERVERS, "check/"),
    "connected server's deletion": Place(SERVERS, "delete/"),
    "imports of other servers": Place(MIRRORED),
    "import of another server": Place(MIRRORED, "change/"),
    "e-mail notices": Place("/admin/account/notices/"),
    "users": Place(USERS),
    "user": Place(USERS, "change/"),
    "new user": Place(f"{USERS}add/"),
    "user's password": Place(USERS, "set-password/"),
    "user's logout": Place(USERS, "log-out/"),
    "user's deletion": Place(USERS, "delete/"),
    "roles": Place(ROLES),
    "role": Place(ROLES, "change/"),
    "tokens": Place(TOKENS),
    "token": Place(TOKENS, "change/"),
    "new token": Place(f"{TOKENS}add/"),
    "activity log": Place(ACTIVITY_LOG),
    "failed logins": Place(FAILED_LOGINS),
    "own password": Place("/admin/password_change/"),
    "your account": Place("/admin/account/"),
    "own token": Place("/admin/account/tokens/add/"),
    "second factor": Place("/admin/account/two-factor/"),
}
