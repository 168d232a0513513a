"""Corrections are read, made and removed through the API."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from accounts.models import ActivityEntry
from imports_app.models import ImportOperation, Message
from tests.conftest import ApiClient
from tests.imports_app.api.importing import EVERYTHING, packed, staged
from tests.working import work

FILES = {
    "users.csv": "ann,ann@example.org,Ann\n,,Nobody\n",
    "channels.csv": "news,ann,public,\n",
    "news/1.csv": "ann,1600000000000,hello\nghost,1600000000001,boo\n",
}


@pytest.fixture
def operation(importer_api: ApiClient) -> ImportOperation:
    return staged(importer_api, packed(FILES))


def address(operation: ImportOperation, key: str) -> str:
    return f"importOperations/{operation.public_id}/records/{key}/correction"


def put(api: ApiClient, path: str, body: dict[str, Any]) -> Any:
    return api.request(
        "PUT", path, data=orjson.dumps(body), content_type="application/json"
    )


def listed(api: ApiClient, operation: ImportOperation, **query: str) -> Any:
    path = f"importOperations/{operation.public_id}/plan/messages"
    return api.get(path, query).json()


def test_a_message_is_found_corrected_and_imported(
    importer_api: ApiClient, operation: ImportOperation
) -> None:
    [message] = listed(importer_api, operation, room="csv-c-news")["messages"]
    assert message == {
        "key": "0-1",
        "room": "csv-c-news",
        "author": "ghost",
        "text": "boo",
        "code": "importer-message-unknown-user",
        "file": "news/1.csv",
        "line": 2,
    }
    found = importer_api.get(address(operation, "0-1")).json()["correction"]
    assert found == {
        "key": "0-1",
        "kind": "message",
        "file": "news/1.csv",
        "line": 2,
        "columns": ["author", "time", "text"],
        "original": ["ghost", "1600000000001", "boo"],
        "cells": ["ghost", "1600000000001", "boo"],
        "revision": 0,
        "correctable": True,
    }
    body = {"cells": ["ann", "1600000000001", "boo"], "revision": found["revision"]}
    answer = put(importer_api, address(operation, "0-1"), body).json()
    assert answer["correction"]["cells"] == body["cells"]
    assert answer["correction"]["original"] == found["original"]
    assert (answer["correction"]["revision"], answer["success"]) == (1, True)
    assert listed(importer_api, operation)["messages"] == []
    assert ActivityEntry.objects.filter(subject="message").exists()

    importer_api.post("startImport", {"input": EVERYTHING})
    work()

    assert Message.objects.filter(text="boo", author__username="ann").exists()
    path = f"importOperations/{operation.public_id}/records"
    records = importer_api.get(path, {"kind": "message"}).json()["records"]
    assert [(one["key"], one["outcome"]) for one in records] == [("0-1", "imported")]
    assert "correctedAt" in records[0]


def test_a_stale_revision_is_refused_and_a_correction_removed(
    importer_api: ApiClient, operation: ImportOperation
) -> None:
    path = f"importOperations/{operation.public_id}/records"
    [record] = importer_api.get(path, {"outcome": "failed"}).json()["records"]
    correction = address(operation, record["key"])
    body: dict[str, Any] = {"cells": ["nora", "", "Nobody", ""], "revision": 0}
    put(importer_api, correction, body)

    again = put(importer_api, correction, {**body, "cells": ["n", "", "", ""]})
    assert again.status_code == 400
    assert again.json()["errorType"] == "error-correction-changed"
    assert importer_api.request("DELETE", correction).status_code == 400
    removed = importer_api.request("DELETE", f"{correction}?revision=1")
    assert removed.json() == {"success": True}

    assert importer_api.get(correction).json()["correction"]["revision"] == 0
    details = importer_api.get(f"importOperations/{operation.public_id}").json()
    *_others, made, gone = details["operation"]["timeline"]
    assert made["corrected"] == gone["corrected"] == "user nora (users.csv:2)"
    assert ("correctionRemoved" in made, gone["correctionRemoved"]) == (False, True)


@pytest.mark.parametrize("key", ["0", "9-9", "0-99", "x", "99999999999999999999"])
def test_unknown_keys_are_not_found(
    importer_api: ApiClient, operation: ImportOperation, key: str
) -> None:
    assert importer_api.get(address(operation, key)).status_code == 404


def test_messages_of_other_people_are_not_opened(
    importer_api: ApiClient, operation: ImportOperation
) -> None:
    answer = importer_api.get(address(operation, "0-0"))

    assert answer.json()["errorType"] == "error-correction-not-allowed"
