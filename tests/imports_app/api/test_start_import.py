from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from imports_app.models import KindCount, Message, Room
from imports_app.statuses import Status
from imports_app.transitions import SERVER, invalidate
from tests.conftest import ApiClient
from tests.factories import ImportOperationFactory
from tests.imports_app.api.importing import (
    EVERYTHING,
    SMALL,
    current,
    imported,
    packed,
    staged,
    uploaded,
)
from tests.working import work


def texts() -> set[str]:
    """Return the messages of all rooms."""
    return set(Message.objects.values_list("text", flat=True))


def outcomes(kind: str) -> dict[str, int]:
    """Return the number of records of a kind by outcome."""
    count = KindCount.objects.get(operation=current(), kind=kind)
    names = ("staged", "imported", "updated", "unchanged", "skipped", "failed")
    return {name: getattr(count, name) for name in names if getattr(count, name)}


def test_imports_everything(importer_api: ApiClient) -> None:
    operation = imported(importer_api)

    assert operation.status == Status.DONE
    assert operation.is_valid
    assert texts() == {"hello", "secret", "psst"}
    assert set(Room.objects.values_list("name", "type")) == {
        ("news", "c"),
        ("lab", "p"),
        (None, "d"),
    }
    assert operation.counters == {
        "total": 9,
        "completed": 8,
        "error": 1,
        "users": 2,
        "channels": 3,
        "messages": 4,
    }
    moves = [event.to_status for event in operation.events.in_order()]
    assert moves[-7:] == [
        Status.IMPORTING_STARTED,
        Status.IMPORTING_USERS,
        Status.IMPORTING_CONTACTS,
        Status.IMPORTING_CHANNELS,
        Status.IMPORTING_MESSAGES,
        Status.FINISHING,
        Status.DONE,
    ]


@pytest.mark.parametrize(
    ("selection", "said", "names"),
    [
        ({}, set(), set()),
        ({"users": {"all": True}}, set(), {"ann", "bo"}),
        (
            {
                "users": {"all": True},
                "channels": {"all": False, "list": ["csv-c-news"]},
            },
            {"hello"},
            {"ann", "bo"},
        ),
        (
            {"users": {"all": True}, "channels": {"list": ["__directMessages__"]}},
            {"psst"},
            {"ann", "bo"},
        ),
        (
            {
                "users": {"all": 1, "every": True},
                "channels": {"all": "false", "list": ["csv-c-news"]},
                "rooms": {},
            },
            {"hello"},
            {"ann", "bo"},
        ),
        (
            {"users": {"list": ["ann"]}, "channels": {"list": ["csv-c-news"]}},
            {"hello"},
            {"ann"},
        ),
    ],
)
def test_imports_the_selection(
    importer_api: ApiClient, selection: Any, said: set[str], names: set[str]
) -> None:
    operation = imported(importer_api, selection=selection)

    assert texts() == said
    found = set(User.objects.values_list("username", flat=True)) - {"ivan"}
    assert found == names
    counters = operation.counters
    assert counters["completed"] + counters["error"] == counters["total"]
    for kind in ("user", "channel", "message"):
        counted = outcomes(kind)
        assert counted.pop("staged") == sum(counted.values())


def test_messages_of_deselected_rooms_are_skipped(
    importer_api: ApiClient,
) -> None:
    imported(
        importer_api,
        selection={"users": {"all": True}, "channels": {"list": ["csv-p-lab"]}},
    )

    assert outcomes("message") == {"staged": 4, "imported": 1, "skipped": 3}
    assert outcomes("channel") == {"staged": 3, "imported": 1, "skipped": 2}


def test_accepts_the_selection_format_before_7(importer_api: ApiClient) -> None:
    staged(importer_api)
    data = importer_api.get("getImportFileData").json()
    for channel in data["channels"]:
        channel["do_import"] = channel["name"] == "news"
    body = {"input": {"users": data["users"], "channels": data["channels"]}}

    assert importer_api.post("startImport", body).json() == {"success": True}
    work()

    assert texts() == {"hello"}


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, "must have required property 'input'"),
        ({"input": 1}, "must be object"),
        ({"input": {}, "x": 1}, "must NOT have additional properties"),
        ({"input": {"users": 1}}, "must be object"),
        ({"input": {"users": None}}, "must be object"),
        ({"input": {"users": {"all": 3}}}, "must be boolean"),
        ({"input": {"channels": {"list": "x"}}}, "must be array"),
        ({"input": {"channels": {"list": [{}]}}}, "must be string"),
        (
            {"input": {"users": [{"user_id": "x"}]}},
            "must have required property 'do_import'",
        ),
        (
            {"input": {"channels": [{"do_import": True}]}},
            "must have required property 'channel_id'",
        ),
        (
            {"input": {"channels": [{"channel_id": "x", "do_import": "x"}]}},
            "must be boolean",
        ),
        ({"input": {"users": ["x"]}}, "must be object"),
    ],
)
def test_reports_an_invalid_input(
    importer_api: ApiClient, body: Any, error: str
) -> None:
    response = importer_api.post("startImport", body)

    assert response.status_code == 400
    assert response.json() == {
        "success": False,
        "error": f"{error} [invalid-params]",
        "errorType": "invalid-params",
    }


def refusal(api: ApiClient) -> Any:
    """Return the error of a rejected start."""
    response = api.post("startImport", {"input": EVERYTHING})
    assert response.status_code == 400
    return response.json()


def test_rejects_a_start_without_an_operation(importer_api: ApiClient) -> None:
    assert refusal(importer_api) == {
        "success": False,
        "error": "Import Operation Not Found [error-operation-not-found]",
        "errorType": "error-operation-not-found",
        "details": "startImport",
    }


def test_rejects_a_start_with_an_unknown_importer(importer_api: ApiClient) -> None:
    ImportOperationFactory.create(importer_key="hipchatenterprise")

    assert refusal(importer_api)["errorType"] == "error-importer-not-defined"
    assert refusal(importer_api)["details"] == "startImport"


def test_rejects_a_start_before_the_file_is_read(importer_api: ApiClient) -> None:
    uploaded(importer_api)

    assert refusal(importer_api) == {
        "success": False,
        "error": "error-invalid-operation-status",
    }


def test_rejects_a_start_of_a_replaced_operation(importer_api: ApiClient) -> None:
    invalidate(operations=[staged(importer_api)], actor=SERVER)

    assert refusal(importer_api) == {
        "success": False,
        "error": "error-operation-not-found",
    }


def test_only_one_of_two_starts_succeeds(importer_api: ApiClient) -> None:
    staged(importer_api)
    body = {"input": EVERYTHING}

    answers = [importer_api.post("startImport", body).status_code for _ in range(2)]

    assert answers == [200, 400]
    work()
    assert Message.objects.count() == 3


def test_a_finished_import_can_be_run_again(importer_api: ApiClient) -> None:
    imported(importer_api)
    User.objects.create(username="ghost")
    importer_api.get("getImportFileData")

    importer_api.post("startImport", {"input": EVERYTHING})
    work()

    assert texts() == {"hello", "secret", "psst", "boo"}
    assert outcomes("message") == {"staged": 4, "imported": 1, "unchanged": 3}
    assert outcomes("user") == {"staged": 2, "unchanged": 2}


def test_unreadable_rows_stay_failed(importer_api: ApiClient) -> None:
    content = packed({**SMALL, "users.csv": "ann,,\nbo,,\n,,nobody\n"})

    operation = imported(importer_api, content)

    assert outcomes("user") == {"staged": 3, "imported": 2, "failed": 1}
    assert operation.count_error == 2
