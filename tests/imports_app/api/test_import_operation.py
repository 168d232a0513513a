from __future__ import annotations

from unittest.mock import ANY

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from config.api.wire import epoch_ms, iso_ms
from imports_app.models import ImportOperation
from imports_app.services.operations import create_operation
from imports_app.statuses import Status
from imports_app.transitions import SERVER, Actor, move_operation
from tests.conftest import ApiClient
from tests.contract import golden
from tests.factories import ImportOperationFactory


def test_shows_the_operation_with_its_timeline(
    importer_api: ApiClient, importer_user: User
) -> None:
    operation = create_operation(
        actor=Actor(importer_user), importer_key="csv", importer_name="CSV"
    )
    created_at = operation.created_at
    assert move_operation(operation=operation, to=Status.UPLOADING, actor=SERVER)

    body = importer_api.get(f"importOperations/{operation.public_id}").json()

    assert body == {
        "operation": {
            "_id": operation.public_id,
            "type": "CSV",
            "importerKey": "csv",
            "ts": epoch_ms(created_at),
            "status": "importer_uploading",
            "valid": True,
            "user": importer_user.public_id,
            "_updatedAt": iso_ms(operation.updated_at),
            "state": "loading",
            "runningSeconds": ANY,
            "progress": {
                "phase": "uploading",
                "kinds": {},
                "stalled": False,
                "workers": [],
            },
            "timeline": [
                {
                    "ts": epoch_ms(created_at),
                    "user": importer_user.public_id,
                    "to": "importer_new",
                    "valid": True,
                },
                {
                    "ts": epoch_ms(operation.updated_at),
                    "from": "importer_new",
                    "to": "importer_uploading",
                    "valid": True,
                },
            ],
        },
        "success": True,
    }


def test_shows_the_error_of_a_failed_operation(importer_api: ApiClient) -> None:
    operation = ImportOperationFactory.create(
        status=Status.FAILED,
        error_code="error-not-a-zip",
        error_message="The file is not a ZIP archive.",
        file_size=12,
        heartbeat_at=ImportOperationFactory.build(user=None).created_at,
    )

    body = importer_api.get(f"importOperations/{operation.public_id}").json()

    shown = body["operation"]
    assert shown["state"] == "error"
    assert shown["fileSize"] == 12
    assert shown["heartbeatAt"].endswith("Z")
    assert shown["error"] == {
        "code": "error-not-a-zip",
        "message": "The file is not a ZIP archive.",
    }


def test_not_modified_until_the_operation_changes(
    importer_api: ApiClient, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    operation = ImportOperationFactory.create()
    path = f"importOperations/{operation.public_id}"
    again = {"If-None-Match": importer_api.get(path).headers["ETag"]}

    with django_assert_num_queries(2):  # the credentials; the operation
        assert importer_api.get(path, headers=again).status_code == 304
    ImportOperation.objects.filter(pk=operation.pk).change(count_total=1)
    assert importer_api.get(path, headers=again).status_code == 200


@pytest.mark.parametrize("public_id", ["nope", "x" * 300, "%00", "a/b", ""])
def test_an_unknown_operation_is_not_found(
    importer_api: ApiClient, public_id: str
) -> None:
    response = importer_api.get(f"importOperations/{public_id}")

    assert (response.status_code, response.content) == (404, golden("404"))
