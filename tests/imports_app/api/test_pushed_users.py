"""import.new, import.addUsers, import.run, import.clear (wire-api.md 2.11 to 2.15)."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from imports_app.models import ImportOperation, ImportRecord
from imports_app.statuses import Status
from tests.conftest import ApiClient
from tests.factories import EmailAddressFactory, ImportOperationFactory, UserFactory
from tests.imports_app.api.importing import current, staged
from tests.working import work

ANN = {"emails": ["ann@example.org"], "importIds": ["U1"], "username": "ann"}


def add(api: ApiClient, *users: dict[str, Any]) -> Any:
    """Send users and return the response."""
    return api.post("import.addUsers", {"users": list(users)})


def push(api: ApiClient, *users: dict[str, Any]) -> ImportOperation:
    """Import users from start to end."""
    api.post("import.new")
    assert add(api, *users).json() == {"success": True}
    assert api.post("import.run").json() == {"success": True}
    work()
    return current()


def test_a_new_operation(importer_api: ApiClient) -> None:
    older = ImportOperationFactory.create(is_valid=True, status=Status.USER_SELECTION)

    body = importer_api.post("import.new").json()

    operation = current()
    assert importer_api.user is not None
    assert body == {
        "operation": {
            "_id": operation.public_id,
            "type": "api",
            "importerKey": "api",
            "ts": body["operation"]["ts"],
            "status": "importer_new",
            "valid": True,
            "user": importer_api.user.public_id,
            "_updatedAt": body["operation"]["_updatedAt"],
        },
        "success": True,
    }
    assert isinstance(body["operation"]["ts"], int)
    older.refresh_from_db()
    assert not older.is_valid


def test_users_are_added_and_imported(importer_api: ApiClient) -> None:
    operation = push(
        importer_api,
        {
            **ANN,
            "name": "Ann Lee",
            "bio": "Here",
            "statusText": "busy",
            "utcOffset": 1.5,
            "deleted": True,
            "roles": ["guest"],
            "password": "secret",
            "shoeSize": 38,
        },
        {"emails": ["robot@example.org"], "importIds": ["U2", "B2"], "type": "bot"},
    )

    assert operation.status == Status.DONE
    assert operation.counters == {"total": 2, "completed": 2, "error": 0, "users": 2}
    ann = User.objects.get(username="ann")
    assert (ann.name, ann.bio, ann.status_text) == ("Ann Lee", "Here", "busy")
    assert (ann.utc_offset, ann.is_active, ann.kind) == (1.5, False, "user")
    assert not ann.has_usable_password()
    roles = ann.roles.values_list("public_id", flat=True)
    assert set(roles) == {"user", "guest"}
    robot = User.objects.get(import_ids__value="B2")
    assert (robot.username, robot.kind, robot.name) == ("robot", "bot", "Robot")


def test_repeated_calls_add_users(importer_api: ApiClient) -> None:
    importer_api.post("import.new")
    add(importer_api, ANN)
    add(importer_api, {**ANN, "importIds": ["U2"]}, {**ANN, "importIds": ["U3"]})

    operation = current()
    assert operation.status == Status.USER_SELECTION
    assert operation.counters == {"total": 3, "users": 3}


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, "must have required property 'users'"),
        ({"users": [ANN], "x": 1}, "must NOT have additional properties"),
        ({"users": [{"emails": ["x"]}]}, "must have required property 'importIds'"),
        ({"users": [{"importIds": ["x"]}]}, "must have required property 'emails'"),
        ({"users": [{**ANN, "emails": "x"}]}, "must be array"),
        ({"users": [{**ANN, "deleted": "x"}]}, "must be boolean"),
    ],
)
def test_reports_an_invalid_body(
    importer_api: ApiClient, body: Any, error: str
) -> None:
    importer_api.post("import.new")

    response = importer_api.post("import.addUsers", body)

    assert response.status_code == 400
    assert response.json()["error"] == f"{error} [invalid-params]"
    assert not ImportRecord.objects.exists()


def test_an_empty_list_needs_no_operation(
    importer_api: ApiClient,
) -> None:
    assert add(importer_api).json() == {"success": True}


@pytest.mark.parametrize(
    ("users", "error"),
    [
        ([{**ANN, "emails": []}], "Users are missing required data."),
        ([ANN, {**ANN, "importIds": [""]}], "Users are missing required data."),
        (
            [ANN, {**ANN, "roles": ["emperor"]}],
            "One or more of the users have been assigned invalid roles.",
        ),
    ],
)
def test_adds_all_users_or_none(
    importer_api: ApiClient, users: Any, error: str
) -> None:
    importer_api.post("import.new")

    response = add(importer_api, *users)

    assert response.status_code == 400
    assert response.json() == {"success": False, "error": error}
    assert current().counters == {}
    assert not ImportRecord.objects.exists()


CLOSED = "The current import operation can not receive new data."
FINISHED = "The current import operation is already finished."


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        (None, "Import operation not initialized."),
        ({"is_valid": False}, "Import operation not initialized."),
        ({"status": Status.FILE_LOADED}, CLOSED),
        ({"status": Status.IMPORTING_USERS}, CLOSED),
        ({"status": Status.DONE}, FINISHED),
        ({"status": Status.FAILED}, FINISHED),
        ({"status": Status.CANCELLED}, FINISHED),
    ],
)
def test_rejects_users_in_other_states(
    importer_api: ApiClient, fields: Any, error: str
) -> None:
    if fields is not None:
        ImportOperationFactory.create(**{"is_valid": True, **fields})

    response = add(importer_api, ANN)

    assert response.status_code == 400
    assert response.json() == {"success": False, "error": error}


def test_existing_users_fail_and_are_not_changed(importer_api: ApiClient) -> None:
    EmailAddressFactory.create(
        user=UserFactory.create(username="old", name="Old"), address="ann@example.org"
    )
    UserFactory.create(username="bo", name="Bo")

    operation = push(
        importer_api,
        {**ANN, "name": "New"},
        {"emails": ["x@example.org"], "importIds": ["U2"], "username": "BO"},
        {"emails": ["c@example.org"], "importIds": ["U3"], "username": "cy"},
    )

    assert operation.counters == {"total": 3, "completed": 1, "error": 2, "users": 3}
    failed = ImportRecord.objects.failed(operation.pk)
    assert {record.code for record in failed} == {"importer-user-already-exists"}
    assert User.objects.get(username="old").name == "Old"
    assert not User.objects.get(username="bo").import_ids.exists()


def test_only_users_are_imported(importer_api: ApiClient) -> None:
    staged(importer_api)

    importer_api.post("import.run")
    work()

    operation = current()
    assert operation.status == Status.DONE
    assert operation.counters["total"] == operation.counters["completed"] == 2


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        (None, "error-operation-not-found"),
        ({"is_valid": False}, "error-operation-not-found"),
        ({"status": Status.NEW}, "error-invalid-operation-status"),
        ({"status": Status.DONE}, "error-invalid-operation-status"),
        (
            {"status": Status.USER_SELECTION, "importer_key": "gone"},
            "error-importer-not-defined",
        ),
    ],
)
def test_rejects_a_run_in_other_states(
    importer_api: ApiClient, fields: Any, error: str
) -> None:
    if fields is not None:
        ImportOperationFactory.create(**{"is_valid": True, **fields})

    response = importer_api.post("import.run", {"anything": 1})

    assert response.status_code == 400
    assert response.json() == {"success": False, "error": error}


def test_clear_invalidates_operations_and_keeps_their_status(
    importer_api: ApiClient,
) -> None:
    operation = staged(importer_api)

    assert importer_api.post("import.clear", {"x": 1}).json() == {"success": True}
    assert importer_api.post("import.clear").json() == {"success": True}
    work()

    operation.refresh_from_db()
    assert (operation.is_valid, operation.status) == (False, Status.USER_SELECTION)
    assert importer_api.get("import.status").json()["state"] == "error"
    assert not ImportRecord.objects.filter(outcome="staged").exists()


def test_an_import_grants_no_role_beyond_its_initiator(
    importer_api: ApiClient, admin_api: ApiClient
) -> None:
    for api, number in ((importer_api, "1"), (admin_api, "2")):
        push(
            api,
            {
                "emails": [f"a{number}@example.org"],
                "importIds": [f"A{number}"],
                "username": f"a{number}",
                "roles": ["admin"],
            },
        )

    roles = {
        name: set(User.objects.get(username=name).roles.values_list("name", flat=True))
        for name in ("a1", "a2")
    }
    assert roles == {"a1": {"user"}, "a2": {"user", "admin"}}
    record = ImportRecord.objects.get(import_id="A1")
    assert record.message == (
        "Role 'admin' not granted: the user ivan may not grant it. Grant it manually."
    )
