"""API representation of users, roles, permissions and tokens."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from accounts.models import (
    AuthToken,
    DeletedRole,
    Permission,
    Role,
    UnusedPermission,
    User,
)
from config.api.wire import JSONDict, drop_none, iso_ms

_PREFERENCES: Final[JSONDict] = {
    "alsoSendThreadToChannel": "default",
    "autoImageLoad": True,
    "collapseMediaByDefault": False,
    "convertAsciiEmoji": True,
    "desktopNotificationRequireInteraction": False,
    "desktopNotifications": "all",
    "displayAvatars": True,
    "emailNotificationMode": "mentions",
    "enableAutoAway": True,
    "enableMobileRinging": True,
    "featuresPreview": [],
    "hideFlexTab": False,
    "hideRoles": False,
    "hideUsernames": False,
    "idleTimeLimit": 300,
    "muteFocusedConversations": True,
    "newMessageNotification": "chime",
    "newRoomNotification": "door",
    "notificationsSoundVolume": 100,
    "notifyCalendarEvents": False,
    "omnichannelTranscriptEmail": False,
    "pushNotifications": "all",
    "saveMobileBandwidth": True,
    "sendOnEnter": "normal",
    "showThreadsInMainChannel": False,
    "sidebarDisplayAvatar": True,
    "sidebarGroupByType": True,
    "sidebarSectionsOrder": [],
    "sidebarShowFavorites": True,
    "sidebarShowUnread": False,
    "sidebarSortby": "activity",
    "sidebarViewMode": "medium",
    "themeAppearence": "auto",
    "unreadAlert": True,
    "useEmojis": True,
}
"""Rocket.Chat's defaults, which clients expect. Users can't change them here."""


def own_profile(user: User, base_url: str) -> JSONDict:
    """Return the user's own profile (wire-api.md 6.1, `me`).

    Args:
        user: The user, with `emails` and `roles` prefetched.
        base_url: The server's URL as seen by the caller, without a trailing slash.
    """
    emails = list(user.emails.all())
    verified = (email.address for email in emails if email.verified)
    avatar = quote(user.username or "", safe="")
    return drop_none(
        {
            "_id": user.public_id,
            "name": user.name or None,
            "username": user.username,
            "emails": _emails(user),
            "email": next(verified, None),
            "status": "offline",
            "statusConnection": "offline",
            "utcOffset": _number(user.utc_offset),
            "active": user.is_active,
            "roles": _role_ids(user),
            "settings": {
                "profile": {},
                "preferences": _PREFERENCES,
                "calendar": {},
            },
            "isOAuthUser": False,
            "customFields": user.custom_fields,
            "_updatedAt": iso_ms(user.updated_at),
            "avatarUrl": f"{base_url}/avatar/{avatar}" if avatar else None,
        }
    )


def user(user: User, *, is_private_shown: bool) -> JSONDict:
    """Return a user as other users see it (wire-api.md 6.6).

    Args:
        user: The user, with `emails`, `roles` and `import_ids` prefetched.
        is_private_shown: Whether to include e-mail addresses, import IDs and custom
            fields.
    """
    document = _public(user)
    if not is_private_shown:
        return document
    import_ids = [entry.value for entry in user.import_ids.all()] or None
    return drop_none(
        {
            **document,
            "emails": _emails(user),
            "importIds": import_ids,
            "customFields": user.custom_fields,
        }
    )


def _public(user: User) -> JSONDict:
    return drop_none(
        {
            "_id": user.public_id,
            "createdAt": iso_ms(user.created_at),
            "username": user.username,
            "type": user.kind,
            "status": "offline",
            "active": user.is_active,
            "roles": _role_ids(user),
            "_updatedAt": iso_ms(user.updated_at),
            "name": user.name or None,
            "nickname": user.nickname or None,
            "bio": user.bio or None,
            "statusText": user.status_text or None,
            "utcOffset": _number(user.utc_offset),
            "settings": {},
        }
    )


def role(role: Role) -> JSONDict:
    """Return a role for roles.list (wire-api.md 6.4)."""
    return {
        "_id": role.public_id,
        "name": role.name,
        "scope": role.scope,
        "description": role.description,
        "protected": role.protected,
        "mandatory2fa": role.mandatory_2fa,
    }


def changed_role(changed: Role) -> JSONDict:
    """Return a role with the time of its last change."""
    return {**role(changed), "_updatedAt": iso_ms(changed.updated_at)}


def deleted_role(deleted: DeletedRole) -> JSONDict:
    """Return a deleted role for roles.sync."""
    return {
        "_id": deleted.public_id,
        "name": deleted.name,
        "scope": deleted.scope,
        "description": deleted.description,
        "protected": False,
        "mandatory2fa": deleted.mandatory_2fa,
        "_updatedAt": iso_ms(deleted.updated_at),
        "_deletedAt": iso_ms(deleted.deleted_at),
    }


def role_holder(public_id: str, username: str, role_ids: list[str]) -> JSONDict:
    """Return a user with some of their roles."""
    return {"_id": public_id, "username": username, "roles": role_ids}


def permission(permission: Permission | UnusedPermission) -> JSONDict:
    """Return a permission with the IDs of its roles (wire-api.md 6.5)."""
    return {
        "_id": permission.name,
        "roles": sorted(role.public_id for role in permission.roles.all()),
        "_updatedAt": iso_ms(permission.updated_at),
    }


def personal_token(token: AuthToken) -> JSONDict:
    """Return a personal access token for its owner (wire-api.md 6.3)."""
    return {
        "name": token.name,
        "createdAt": iso_ms(token.created_at),
        "lastTokenPart": token.last_part,
        "bypassTwoFactor": token.bypass_two_factor,
    }


def _emails(user: User) -> list[JSONDict] | None:
    return [
        {"address": email.address, "verified": email.verified}
        for email in user.emails.all()
    ] or None


def _role_ids(user: User) -> list[str]:
    return sorted(role.public_id for role in user.roles.all())


def _number(value: float) -> float:
    """Return whole numbers as integers, as JavaScript writes them."""
    return int(value) if value == int(value) else value
