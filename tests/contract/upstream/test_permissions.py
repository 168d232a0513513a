from __future__ import annotations

from typing import Any

from tests.conftest import ApiClient
from tests.contract.upstream import UNAUTHORIZED, refused, succeeded, withdraw

WANTED = {"_id": "add-oauth-service", "roles": ["admin", "user"]}
CHANGE = {"permissionId": "add-oauth-service", "role": "moderator"}


def roles_of(api: ApiClient, name: str) -> list[str]:
    """Return the roles of a permission, as permissions.listAll shows them."""
    listed = succeeded(api.get("permissions.listAll"))["update"]
    [found] = [entry["roles"] for entry in listed if entry["_id"] == name]
    roles: list[str] = found
    return roles


def update(api: ApiClient, *permissions: Any) -> Any:
    return api.post("permissions.update", {"permissions": list(permissions)})


def test_lists_permissions_to_update_and_to_remove(admin_api: ApiClient) -> None:
    body = succeeded(admin_api.get("permissions.listAll"))

    assert (type(body["update"]), type(body["remove"])) == (list, list)


def test_lists_permissions_changed_since_a_date(admin_api: ApiClient) -> None:
    since = {"updatedSince": "2018-11-27T13:52:01Z"}

    body = succeeded(admin_api.get("permissions.listAll", since))

    assert (type(body["update"]), type(body["remove"])) == (list, list)


def test_refuses_what_is_not_a_date(admin_api: ApiClient) -> None:
    answer = admin_api.get("permissions.listAll", {"updatedSince": "yesterday"})

    refused(answer, 400)


def test_changes_the_roles_of_a_permission(admin_api: ApiClient) -> None:
    first = succeeded(update(admin_api, WANTED))["permissions"][0]

    assert first.keys() >= {"_id", "roles", "_updatedAt"}
    assert roles_of(admin_api, "add-oauth-service") == ["admin", "user"]


def test_changes_no_unknown_permission(admin_api: ApiClient) -> None:
    refused(update(admin_api, {"_id": "none", "roles": ["admin"]}), 400)


def test_gives_a_permission_to_no_unknown_role(admin_api: ApiClient) -> None:
    refused(update(admin_api, {**WANTED, "roles": ["none"]}), 400)


def test_permissions_must_be_an_array(admin_api: ApiClient) -> None:
    refused(admin_api.post("permissions.update", {"permissions": ""}), 400)


def test_changing_permissions_requires_the_permission(plain_api: ApiClient) -> None:
    refused(update(plain_api, WANTED), 403, error=UNAUTHORIZED)


def test_adding_a_role_requires_a_login(anonymous_api: ApiClient) -> None:
    refused(anonymous_api.post("permissions.addRole", CHANGE), 401)


def test_adds_no_role_to_an_unknown_permission(admin_api: ApiClient) -> None:
    body = {**CHANGE, "permissionId": "none"}

    refused(admin_api.post("permissions.addRole", body), 400)


def test_adds_no_unknown_role(admin_api: ApiClient) -> None:
    refused(admin_api.post("permissions.addRole", {**CHANGE, "role": "none"}), 400)


def test_adding_a_role_requires_the_permission(admin_api: ApiClient) -> None:
    withdraw("access-permissions")

    refused(admin_api.post("permissions.addRole", CHANGE), 403)


def test_adds_a_role(admin_api: ApiClient) -> None:
    succeeded(admin_api.post("permissions.addRole", CHANGE))

    assert "moderator" in roles_of(admin_api, "add-oauth-service")


def test_removing_a_role_requires_a_login(anonymous_api: ApiClient) -> None:
    refused(anonymous_api.post("permissions.removeRole", CHANGE), 401)


def test_removing_a_role_requires_the_permission(admin_api: ApiClient) -> None:
    withdraw("access-permissions")

    refused(admin_api.post("permissions.removeRole", CHANGE), 403)


def test_removes_a_role(admin_api: ApiClient) -> None:
    succeeded(admin_api.post("permissions.addRole", CHANGE))

    succeeded(admin_api.post("permissions.removeRole", CHANGE))

    assert "moderator" not in roles_of(admin_api, "add-oauth-service")
