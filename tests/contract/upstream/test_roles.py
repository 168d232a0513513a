from __future__ import annotations

import pytest

from accounts.models import Role, User
from tests.conftest import ApiClient
from tests.contract.upstream import UNAUTHORIZED, refused, succeeded

NO_ROLE = {
    "errorType": "error-invalid-roleId",
    "error": "This role does not exist [error-invalid-roleId]",
}


@pytest.fixture
def role(admin_api: ApiClient) -> str:
    """The ID of a custom role."""
    created = succeeded(admin_api.post("roles.create", {"name": "auditor"}))
    public_id: str = created["role"]["_id"]
    return public_id


def grant(api: ApiClient, role: str, username: str) -> None:
    body = {"roleId": role, "username": username}
    succeeded(api.post("roles.addUserToRole", body))


def test_creates_a_role(admin_api: ApiClient) -> None:
    created = succeeded(admin_api.post("roles.create", {"name": "auditor"}))

    assert created["role"]["name"] == "auditor"


def test_updates_a_role(admin_api: ApiClient, role: str) -> None:
    body = {"roleId": role, "name": "reviewer"}

    assert succeeded(admin_api.post("roles.update", body))["role"]["name"] == "reviewer"


def test_a_role_that_nobody_has_lists_nobody(admin_api: ApiClient, role: str) -> None:
    body = succeeded(admin_api.get("roles.getUsersInRole", {"role": role}))

    assert (body["users"], body["total"]) == ([], 0)


def test_lists_the_users_in_a_role(
    admin_user: User, admin_api: ApiClient, role: str
) -> None:
    grant(admin_api, role, "ada")

    body = succeeded(admin_api.get("roles.getUsersInRole", {"role": role}))

    [user] = body["users"]
    assert (user["_id"], body["total"]) == (admin_user.public_id, 1)


def test_lists_no_users_of_an_unknown_role(admin_api: ApiClient) -> None:
    answer = admin_api.get("roles.getUsersInRole", {"role": "none"})

    refused(answer, 400, errorType="error-invalid-roleId")


def test_listing_users_in_a_role_requires_the_permission(plain_api: ApiClient) -> None:
    answer = plain_api.get("roles.getUsersInRole", {"role": "admin"})

    refused(answer, 403, error=UNAUTHORIZED)


def test_deleting_a_role_requires_the_permission(
    plain_api: ApiClient, role: str
) -> None:
    answer = plain_api.post("roles.delete", {"roleId": role})

    refused(answer, 403, error=UNAUTHORIZED)


def test_deletes_no_unknown_role(admin_api: ApiClient) -> None:
    refused(admin_api.post("roles.delete", {"roleId": "none"}), 400, **NO_ROLE)


def test_deletes_a_role(admin_api: ApiClient, role: str) -> None:
    succeeded(admin_api.post("roles.delete", {"roleId": role}))

    assert not Role.objects.filter(public_id=role).exists()


def test_removing_a_user_from_a_role_requires_the_permission(
    plain_api: ApiClient, role: str
) -> None:
    answer = plain_api.post(
        "roles.removeUserFromRole", {"roleId": role, "username": "paula"}
    )

    refused(answer, 403, error=UNAUTHORIZED)


def test_removes_no_unknown_user_from_a_role(admin_api: ApiClient, role: str) -> None:
    answer = admin_api.post(
        "roles.removeUserFromRole", {"roleId": role, "username": "none"}
    )

    error = "There is no user with this username [error-invalid-user]"
    refused(answer, 400, error=error, errorType="error-invalid-user")


@pytest.mark.usefixtures("plain_user")
def test_removes_no_user_from_an_unknown_role(admin_api: ApiClient) -> None:
    answer = admin_api.post(
        "roles.removeUserFromRole", {"roleId": "none", "username": "paula"}
    )

    refused(answer, 400, **NO_ROLE)


@pytest.mark.usefixtures("plain_user")
def test_removes_no_user_who_is_not_in_the_role(admin_api: ApiClient) -> None:
    answer = admin_api.post(
        "roles.removeUserFromRole", {"roleId": "admin", "username": "paula"}
    )

    error = "User is not in this role [error-user-not-in-role]"
    refused(answer, 400, error=error, errorType="error-user-not-in-role")


@pytest.mark.usefixtures("plain_user")
def test_removes_a_user_from_a_role(admin_api: ApiClient, role: str) -> None:
    grant(admin_api, role, "paula")

    body = {"roleId": role, "username": "paula"}
    succeeded(admin_api.post("roles.removeUserFromRole", body))

    left = succeeded(admin_api.get("roles.getUsersInRole", {"role": role}))
    assert (left["users"], left["total"]) == ([], 0)


def test_lists_the_users_in_public_roles(admin_api: ApiClient) -> None:
    role = Role.objects.get(name="admin")
    role.description = "Admin"
    role.save()

    users = succeeded(admin_api.get("roles.getUsersInPublicRoles"))["users"]

    assert [user["username"] for user in users] == ["ada"]
