from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from config.api.input.fields import NOT_LISTED
from config.db.clock import now_in_milliseconds
from imports_app.models import ImportOperation
from imports_app.statuses import Status
from tests.conftest import ApiClient
from tests.factories import ImportOperationFactory, UserFactory

PATH = "importOperations"


def pages(api: ApiClient, **params: Any) -> Iterator[list[str]]:
    """Request all pages and yield the IDs of each."""
    cursor: str | None = ""
    while cursor is not None:
        answer = api.get(PATH, {**params, **({"cursor": cursor} if cursor else {})})
        assert answer.status_code == 200, answer.content
        body = answer.json()
        assert body["success"] is True
        yield [row["_id"] for row in body["operations"]]
        cursor = body["cursor"]


def test_lists_every_operation_newest_first(importer_api: ApiClient) -> None:
    made = ImportOperationFactory.create_batch(25)

    listed = [pk for page in pages(importer_api, count=10) for pk in page]

    assert listed == [operation.public_id for operation in reversed(made)]


@pytest.mark.parametrize(
    "ordering", ["ts", "-ts", "importerKey", "-importerKey", "type", "-type"]
)
def test_pages_list_every_operation_exactly_once(
    importer_api: ApiClient, ordering: str
) -> None:
    moment = now_in_milliseconds()
    made = [
        ImportOperationFactory.create(
            created_at=moment + timedelta(seconds=number // 3),
            importer_key=("csv", "slack")[number % 2],
        )
        for number in range(20)
    ]
    seen: list[str] = []

    for page in pages(importer_api, count=3, ordering=ordering):
        seen += page
        ImportOperationFactory.create(created_at=moment)
        ImportOperation.objects.filter(pk=made[len(seen) % 20].pk).change(count_total=1)

    assert len(seen) == len(set(seen))
    assert {operation.public_id for operation in made} <= set(seen)


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"status": "importer_done"}, {"done"}),
        ({"state": "done"}, {"done"}),
        ({"state": "ready"}, {"ready"}),
        ({"state": "error"}, {"failed", "stale"}),
        ({"importerKey": "slack"}, {"ready"}),
        ({"user": "aaaaaaaaaaaaaaaaa"}, {"stale"}),
        ({"valid": "true"}, {"ready"}),
        ({"valid": "false"}, {"done", "failed", "stale"}),
        ({"hasErrors": "true"}, {"done", "failed"}),
        ({"hasErrors": "false"}, {"ready", "stale"}),
        ({"q": "TEAM"}, {"done"}),
        ({"tsAfter": "2026-01-02T00:00:00Z"}, {"failed", "ready"}),
        ({"tsAfter": "1767312000000"}, {"failed", "ready"}),
        ({"tsBefore": "2026-01-01T12:00:00+12:00"}, set()),
        ({"tsBefore": "2026-01-02T00:00:00"}, {"done", "stale"}),
        ({"updatedAfter": "2026-01-02", "valid": "true"}, {"ready"}),
        ({"updatedBefore": "2026-01-02T00:00:00Z", "state": "done"}, {"done"}),
    ],
)
def test_filters(
    importer_api: ApiClient, params: dict[str, str], expected: set[str]
) -> None:
    day = now_in_milliseconds().replace(2026, 1, 1, 0, 0, 0, 0)
    rows: dict[str, dict[str, Any]] = {
        "done": {"count_error": 2, "file_name": "1_u_Team.zip"},
        "stale": {
            "status": Status.USER_SELECTION,
            "user": UserFactory.create(public_id="aaaaaaaaaaaaaaaaa"),
        },
        "failed": {"status": Status.FAILED, "created_at": day + timedelta(days=1)},
        "ready": {
            "status": Status.USER_SELECTION,
            "is_valid": True,
            "importer_key": "slack",
            "created_at": day + timedelta(days=1),
        },
    }
    names = {
        ImportOperationFactory.create(**{"created_at": day, **values}).public_id: name
        for name, values in rows.items()
    }
    if params.get("updatedAfter"):
        params = {**params, "updatedAfter": "2026-01-02T00:00:00Z"}

    [page] = pages(importer_api, **params)

    assert {names[pk] for pk in page} == expected


@pytest.mark.parametrize(
    ("params", "error"),
    [
        ({"nonsense": "1"}, "must NOT have additional properties"),
        ({"offset": "0"}, "must NOT have additional properties"),
        ({"count": "0"}, "count: must be >= 1"),
        ({"count": "101"}, "count: must be <= 100"),
        ({"count": "x"}, "count: must be integer"),
        (
            {"ordering": "-updatedAt"},
            f"ordering: {NOT_LISTED}: ts, -ts, importerKey, -importerKey, type, -type",
        ),
        ({"q": ""}, "q: must not be empty; omit it"),
        ({"valid": "maybe"}, f"valid: {NOT_LISTED}: true, false"),
        ({"status": "done"}, None),
        ({"state": "x"}, None),
        ({"q": "a\x00b"}, "q: must NOT have NUL characters"),
        ({"user": "\x00"}, None),
        ({"tsAfter": "yesterday"}, None),
        ({"tsAfter": "9" * 30}, None),
        ({"tsAfter": "2026-13-45T99:00:00Z"}, None),
        ({"tsAfter": "0001-01-01T00:00:00+14:00"}, None),
        ({"cursor": "nonsense"}, None),
        ({"cursor": "WyItdHMiLDEsLTFd"}, None),
        ({"cursor": "WyItdHMiLCJ4IiwxXQ"}, "cursor: has no valid time"),
        ({"cursor": "WyJ0cyIsMSwxXQ"}, "cursor: belongs to ordering=ts, not -ts"),
        ({"cursor": "bnVsbA"}, None),
    ],
)
def test_reports_invalid_parameters(
    importer_api: ApiClient, params: dict[str, str], error: str | None
) -> None:
    response = importer_api.get(PATH, params)

    body = response.json()
    assert response.status_code == 400
    assert body["success"] is False
    assert body["errorType"] == "invalid-params"
    assert body["error"].endswith(" [invalid-params]")
    if error is not None:
        assert body["error"] == f"{error} [invalid-params]"


@hypothesis_settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    name=st.sampled_from(
        ["cursor", "count", "ordering", "tsAfter", "state", "q", "user"]
    )
    | st.text(max_size=5),
    value=st.text(max_size=30),
)
def test_any_parameter_gets_a_valid_response(
    importer_api: ApiClient, name: str, value: str
) -> None:
    response = importer_api.get(PATH, {name: value})

    assert response.status_code in {200, 400}
    assert response.headers["Content-Type"] == "application/json"
    assert response.json()["success"] is (response.status_code == 200)


def test_not_modified_until_the_page_changes(
    importer_api: ApiClient,
) -> None:
    first, _second = ImportOperationFactory.create_batch(2)
    etag = importer_api.get(PATH, {"count": 1}).headers["ETag"]
    again = {"If-None-Match": etag}
    assert importer_api.get(PATH, {"count": 1}, again).status_code == 304

    ImportOperation.objects.filter(pk=first.pk).change(count_total=1)
    assert importer_api.get(PATH, {"count": 1}, again).status_code == 304
    assert importer_api.get(PATH, {"count": 2}, again).status_code == 200
