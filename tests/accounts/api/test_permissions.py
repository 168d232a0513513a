from __future__ import annotations

from typing import Any

import pytest

from accounts.models import ActivityEntry, Permission
from tests.conftest import ApiClient, api_client_of
from tests.factories import RoleFactory, UserFactory

VIEW = "view-import-operations"


def test_lists_all_permissions(plain_api: ApiClient) -> None:
    body = plain_api.get("permissions.listAll").json()

    assert set(body) == {"update", "remove", "success"}
    assert body["remove"] == []
    assert len(body["update"]) == Permission.objects.count()
    [row] = [row for row in body["update"] if row["_id"] == "view-d-room"]
    assert row["roles"] == ["admin", "app", "bot", "user"]
    assert row["_updatedAt"].endswith("Z")


@pytest.mark.parametrize(
    ("since", "finds"),
    [
        ("2000-01-01", True),
        ("2000-01-01T00:00:00.000Z", True),
        ("2000-01-01T00:00:00+02:00", True),
        ("2999-01-01", False),
        ("", True),
    ],
)
def test_lists_permissions_changed_since_a_date(
    plain_api: ApiClient, since: str, finds: bool
) -> None:
    response = plain_api.get(f"permissions.listAll?updatedSince={since}")

    assert response.status_code == 200
    assert bool(response.json()["update"]) is finds


@pytest.mark.parametrize(
    "since", ["yesterday", "2000-13-01", "0001-01-01T00:00:00%2B23:00", "1"]
)
def test_rejects_an_invalid_date(plain_api: ApiClient, since: str) -> None:
    response = plain_api.get(f"permissions.listAll?updatedSince={since}")

    assert response.status_code == 400
    assert response.json() == {
        "success": False,
        "error": 'The "updatedSince" query parameter must be a valid date.'
        " [error-roomId-param-invalid]",
        "errorType": "error-roomId-param-invalid",
    }


def test_replaces_roles_with_immediate_effect(
    admin_api: ApiClient, plain_api: ApiClient
) -> None:
    body = {"permissions": [{"_id": VIEW, "roles": ["user"]}]}

    response = admin_api.post("permissions.update", body)

    assert response.status_code == 200
    assert len(response.json()["permissions"]) == Permission.objects.count()
    [row] = [row for row in response.json()["permissions"] if row["_id"] == VIEW]
    assert row["roles"] == ["user"]
    assert plain_api.get("getLatestImportOperations").status_code == 200
    assert admin_api.get("getLatestImportOperations").status_code == 403
    change = ActivityEntry.objects.get()
    assert (change.name, change.before, change.after) == (
        VIEW,
        {"roles": ["admin"]},
        {"roles": ["user"]},
    )


@pytest.mark.parametrize(
    ("permissions", "error", "code"),
    [
        (None, "Invalid body params", "error-invalid-body-params"),
        ("x", "Invalid body params", "error-invalid-body-params"),
        (["x"], "Invalid body params", "error-invalid-body-params"),
        ([{"_id": VIEW}], "Invalid body params", "error-invalid-body-params"),
        (
            [{"_id": VIEW, "roles": "user"}],
            "Invalid body params",
            "error-invalid-body-params",
        ),
        (
            [{"_id": VIEW, "roles": [{}]}],
            "Invalid body params",
            "error-invalid-body-params",
        ),
        (
            [{"_id": VIEW, "roles": ["user", "user"]}],
            "Invalid body params",
            "error-invalid-body-params",
        ),
        (
            [{"_id": VIEW, "roles": []}, {"_id": VIEW, "roles": []}],
            "Invalid body params",
            "error-invalid-body-params",
        ),
        (
            [{"_id": VIEW, "roles": [], "x": 1}],
            "Invalid body params",
            "error-invalid-body-params",
        ),
        (
            [{"_id": "zzz", "roles": ["user"]}],
            "Invalid permission",
            "error-invalid-permission",
        ),
        ([{"_id": VIEW, "roles": ["zzz"]}], "Invalid role", "error-invalid-role"),
    ],
)
def test_refuses(admin_api: ApiClient, permissions: Any, error: str, code: str) -> None:
    response = admin_api.post("permissions.update", {"permissions": permissions})

    body = response.json()
    body.pop("details", None)
    assert response.status_code == 400
    assert body == {"success": False, "error": error, "errorType": code}
    assert not ActivityEntry.objects.exists()


def test_rejects_additional_properties(admin_api: ApiClient) -> None:
    response = admin_api.post("permissions.update", {"permissions": [], "x": 1})

    assert response.json() == {
        "success": False,
        "error": "Invalid body params",
        "errorType": "error-invalid-body-params",
        "details": "must NOT have additional properties",
    }


def test_admins_keep_the_right_to_manage_permissions(db: None) -> None:
    role = RoleFactory.create(permissions=["access-permissions"])
    api = api_client_of(UserFactory.create(roles=[role]))
    body = {"permissions": [{"_id": "access-permissions", "roles": [role.public_id]}]}

    response = api.post("permissions.update", body)

    assert response.status_code == 400
    assert response.json()["errorType"] == "error-action-not-allowed"
    assert Permission.objects.get(name="access-permissions").roles.count() == 2
