from __future__ import annotations

import pytest

from tests.conftest import ApiClient
from tests.contract.upstream import UNAUTHORIZED, refused, succeeded
from tests.factories import ImportOperationFactory


@pytest.fixture
def _operation(db: None) -> None:
    ImportOperationFactory.create()


@pytest.mark.usefixtures("_operation")
def test_returns_the_current_operation(admin_api: ApiClient) -> None:
    body = succeeded(admin_api.get("getCurrentImportOperation"))

    assert body["operation"] is not None


def test_counts_pending_files(admin_api: ApiClient) -> None:
    assert succeeded(admin_api.post("downloadPendingFiles"))["count"] == 0


def test_counts_pending_avatars(admin_api: ApiClient) -> None:
    assert succeeded(admin_api.post("downloadPendingAvatars"))["count"] == 0


def test_the_latest_operations_require_the_permission(plain_api: ApiClient) -> None:
    refused(plain_api.get("getLatestImportOperations"), 403, error=UNAUTHORIZED)


@pytest.mark.usefixtures("_operation")
def test_the_latest_operations_are_an_array(admin_api: ApiClient) -> None:
    answer = admin_api.get("getLatestImportOperations")

    assert (answer.status_code, len(answer.json())) == (200, 1)


@pytest.mark.usefixtures("_operation")
def test_returns_the_progress(admin_api: ApiClient) -> None:
    body = succeeded(admin_api.get("getImportProgress"))

    assert all(isinstance(body[name], str) for name in ("key", "name", "step"))
    assert isinstance(body["count"], dict)


@pytest.mark.usefixtures("_operation")
def test_returns_what_can_be_selected(admin_api: ApiClient) -> None:
    body = succeeded(admin_api.get("getImportFileData"))

    assert (body["users"], body["channels"]) == ([], [])
    assert body["message_count"] == 0
