"""Cases of Rocket.Chat's own end-to-end suites, for the endpoints of this server.

Each test of this folder is one case, in this project's words. The suites are those of
the server version 8 for users, roles, permissions, imports and miscellaneous. Cases
for endpoints that this server does not have (teams, subscriptions, settings) are not
counted.
"""

from __future__ import annotations

from typing import Any, Final

from accounts.models import Permission

UNAUTHORIZED: Final = (
    "User does not have the permissions required for this action [error-unauthorized]"
)

NOT_SUPPORTED: Final = {
    "info: without a login, the answer has no nested version": (
        "The Go client reads the nested version without logging in."
    ),
    "users.create: a required custom field is missing": (
        "The server has no setting for custom fields: it keeps them as they are sent."
    ),
    "users.create: a custom field is shorter than its minimum": (
        "The server has no setting for custom fields: it keeps them as they are sent."
    ),
    "users.create: a custom field is longer than its maximum": (
        "The server has no setting for custom fields: it keeps them as they are sent."
    ),
    "users.info: the caller's own document has the login services": (
        "Digests of passwords and tokens never leave the server."
    ),
    "users.delete: the last owner of a room is refused": (
        "Rooms come from imports and stay without an owner; no room is deleted."
    ),
    "users.delete: another member becomes the owner of the room": (
        "Rooms come from imports and stay without an owner; no room is deleted."
    ),
}
"""Cases that do not hold and are not going to, with the reason."""


def succeeded(response: Any) -> dict[str, Any]:
    """Return the body of a successful answer."""
    assert response.status_code == 200, response.content
    assert response["Content-Type"] == "application/json"
    body: dict[str, Any] = response.json()
    assert body["success"] is True
    return body


def refused(response: Any, status: int, **expected: Any) -> None:
    """Check the status and some properties of a refusal."""
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/json"
    body = response.json()
    assert body["success"] is False
    assert {name: body.get(name) for name in expected} == expected


def withdraw(name: str) -> None:
    """Remove all roles from a permission."""
    Permission.objects.get(name=name).roles.clear()
