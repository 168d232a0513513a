"""Reconciliation: what was selected, and what is in the workspace."""

from __future__ import annotations

import csv
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from imports_app.engine import jobs
from imports_app.engine.parts import messages
from imports_app.models import ImportOperation, ImportRecord, Message, Room, RoomCount
from imports_app.selection.rules import EVERYTHING, KindSelection, Selection
from imports_app.services.operations import cancel_operation
from imports_app.services.runs import start_run
from imports_app.transitions import SERVER, Actor
from tests.conftest import ApiClient
from tests.factories import ImportOperationFactory
from tests.imports_app.api.importing import imported, packed, staged
from tests.imports_app.engine.converting import convert, message, room, user
from tests.imports_app.engine.test_jobs import call_after_pages
from tests.working import work

ENTRIES = {
    "users.csv": "ann,ann@example.org,Ann Lee\nbo,,Bo Ek\n",
    "channels.csv": "news,ann,public,bo\nlab,bo,private,ann\n",
    "news/1.csv": "ann,1600000000000,hello\nghost,1600000000001,boo\n",
    "lab/1.csv": "bo,1600000000002,secret\nbo,1600000000003,more\n",
    "directmessages/1.csv": "ann,bo,1600000000004,psst\n",
}
GOOD = {**ENTRIES, "news/1.csv": "ann,1600000000000,hello\n"}


def reconciliation(api: ApiClient, operation: ImportOperation, **query: Any) -> Any:
    response = api.get(f"importOperations/{operation.public_id}/reconciliation", query)
    assert response.status_code == 200, response.content
    return response.json()


def page_of(operation: ImportOperation, name: str) -> str:
    return f"/admin/imports_app/importoperation/{operation.pk}/{name}/"


def test_all_selected_records_are_in_the_workspace(
    importer_api: ApiClient, importer_browser: Client
) -> None:
    operation = imported(importer_api, packed(GOOD))

    body = reconciliation(importer_api, operation)

    assert (body["complete"], body["undone"], body["missing"]) == (True, False, [])
    assert body["kinds"]["user"] == {
        **{"found": 2, "selected": 2, "imported": 2, "updated": 0, "unchanged": 0},
        **{"skipped": 0, "failed": 0, "notProcessed": 0, "inWorkspace": 2},
    }
    assert body["kinds"]["message"]["inWorkspace"] == 4 == Message.objects.count()
    page = importer_browser.get(page_of(operation, "change")).content.decode()
    assert "All selected records are in the workspace." in page
    assert page_of(operation, "reconciliation") in page


def test_each_room_has_the_counts_of_its_messages(importer_api: ApiClient) -> None:
    operation = imported(importer_api, packed(ENTRIES))

    body = reconciliation(importer_api, operation)

    assert not body["complete"]
    assert body["missing"] == [{"kind": "message", "reason": "failed", "count": 1}]
    rooms = {one.get("name", "direct"): one for one in body["rooms"]}
    assert rooms.keys() == {"news", "lab", "direct"}
    assert rooms["news"]["messages"] == {
        **{"found": 2, "selected": 2, "imported": 1, "updated": 0, "unchanged": 0},
        **{"skipped": 0, "failed": 1, "notProcessed": 0, "inWorkspace": 1},
    }
    assert rooms["news"]["roomId"] == Room.objects.get(name="news").public_id
    assert rooms["lab"]["messages"]["imported"] == 2
    totals = {
        name: sum(one["messages"][name] for one in rooms.values())
        for name in ("found", "imported", "failed", "inWorkspace")
    }
    assert totals == {name: body["kinds"]["message"][name] for name in totals}


def test_rooms_that_are_not_selected_are_skipped(importer_api: ApiClient) -> None:
    only_news = {"users": {"all": True}, "channels": {"list": ["csv-c-news"]}}
    operation = imported(importer_api, packed(GOOD), only_news)

    body = reconciliation(importer_api, operation)

    assert body["complete"]
    [lab] = [one for one in body["rooms"] if one.get("name") == "lab"]
    assert (lab["outcome"], lab["messages"]["skipped"]) == ("skipped", 2)
    assert (lab["messages"]["selected"], "roomId" in lab) == (0, False)


def test_a_room_that_was_deleted_since_is_missing(
    importer_api: ApiClient, importer_browser: Client
) -> None:
    operation = imported(importer_api, packed(GOOD))
    Room.objects.get(name="lab").delete()

    body = reconciliation(importer_api, operation)

    assert not body["complete"]
    assert body["missing"] == [{"kind": "channel", "reason": "removed", "count": 1}]
    page = importer_browser.get(page_of(operation, "reconciliation")).content.decode()
    assert "The room was deleted later." in page
    assert "Some selected records are not in the workspace:" in page
    assert "1 room deleted later" in page


def test_a_cancelled_run_says_what_was_not_processed(
    importer_api: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messages, "PAGES", {"sqlite": 2, "postgresql": 2})
    operation = staged(importer_api, packed(GOOD))
    start_run(operation=operation, selection=EVERYTHING, actor=Actor(importer_api.user))

    def cancel() -> None:
        cancel_operation(operation=operation, actor=SERVER)

    jobs.run(operation.pk, call_after_pages(3, cancel))
    work()
    operation.refresh_from_db()

    body = reconciliation(importer_api, operation)

    assert body["missing"] == [
        {"kind": "message", "reason": "notProcessed", "count": 2}
    ]
    counts = [one["messages"] for one in body["rooms"]]
    assert sum(one["notProcessed"] for one in counts) == 2
    assert sum(one["imported"] for one in counts) == 2


def test_an_import_that_is_run_again_counts_again(importer_api: ApiClient) -> None:
    operation = imported(importer_api, packed(GOOD))
    importer_api.get("getImportFileData")
    importer_api.post("startImport", {"input": {"channels": {"all": True}}})
    work()

    body = reconciliation(importer_api, operation)

    counts = [one["messages"] for one in body["rooms"]]
    assert {one["found"] for one in counts} <= {1, 2}
    assert sum(one["unchanged"] + one["skipped"] for one in counts) == 4


def test_an_import_without_a_run_is_not_reconciled(
    importer_api: ApiClient, importer_browser: Client
) -> None:
    operation = staged(importer_api, packed(GOOD))

    path = f"importOperations/{operation.public_id}/reconciliation"
    assert importer_api.get(path).json()["errorType"] == "error-not-reconciled"
    for name in ("reconciliation", "reconciliation-csv"):
        response = importer_browser.get(page_of(operation, name))
        assert response["Location"] == page_of(operation, "change")


def test_the_table_is_available_as_csv(
    importer_api: ApiClient, importer_browser: Client
) -> None:
    entries = {**GOOD, "channels.csv": "news,ann,public,bo\n'=lab,bo,private,ann\n"}
    operation = imported(importer_api, packed(entries))
    ImportRecord.objects.filter(kind="channel", import_id="csv-c-news").update(
        data={"import_ids": ["csv-c-news"], "name": "=1+1", "type": "c"}
    )

    response = importer_browser.get(page_of(operation, "reconciliation-csv"))

    rows = list(csv.DictReader(response.content.decode().splitlines()))
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert [row["name"] for row in rows if row["section"] == "kind"] == [
        *("user", "channel", "message"),
    ]
    [news] = [row for row in rows if row["id"] == "csv-c-news"]
    assert news["name"] == "'=1+1"
    assert (news["found"], news["imported"], news["in the workspace"]) == ("1",) * 3


def test_rooms_are_paged(importer_api: ApiClient, admin_user: User) -> None:
    operation = convert(admin_user, *(room(f"room-{number}") for number in range(5)))

    first = reconciliation(importer_api, operation, count=2)
    second = reconciliation(importer_api, operation, count=2, cursor=first["cursor"])
    third = reconciliation(importer_api, operation, count=2, cursor=second["cursor"])

    listed = [one["name"] for page in (first, second, third) for one in page["rooms"]]
    assert listed == [f"room-{number}" for number in range(5)]
    assert third["cursor"] is None


@pytest.mark.parametrize("rooms", [2, 40])
def test_the_number_of_statements_does_not_depend_on_the_rooms(
    importer_browser: Client, admin_user: User, rooms: int
) -> None:
    operation = convert(
        admin_user,
        user("ann", username="ann"),
        *(room(f"room-{number}") for number in range(rooms)),
        *(message(f"c-room-{one}", "ann", "hello", one) for one in range(rooms)),
    )
    importer_browser.get(page_of(operation, "reconciliation"))

    with CaptureQueriesContext(
        connection,
    ) as queries:
        response = importer_browser.get(page_of(operation, "reconciliation"))

    assert response.content.decode().count("room-") >= rooms
    assert len(queries) <= 18


def test_failed_messages_of_a_room_are_linked(
    importer_api: ApiClient, importer_browser: Client
) -> None:
    entries = {**ENTRIES, "lab/1.csv": "nobody,1600000000002,secret\n"}
    operation = imported(importer_api, packed(entries))

    page = importer_browser.get(page_of(operation, "reconciliation")).content.decode()
    assert "room=csv-p-lab" in page

    listed = importer_browser.get(
        "/admin/imports_app/importrecord/",
        {"operation__id__exact": str(operation.pk), "room": "csv-p-lab"},
    ).content.decode()
    assert "lab/1.csv" in listed
    assert "news/1.csv" not in listed


def test_an_old_import_without_counts_is_shown(
    importer_browser: Client, importer_user: User
) -> None:
    operation = ImportOperationFactory.create(
        status="importer_done", run_started_at="2020-01-01T00:00:00Z"
    )

    page = importer_browser.get(page_of(operation, "reconciliation")).content.decode()

    assert "No rooms to show." in page


def test_counts_of_rooms_are_written_with_the_page(admin_user: User) -> None:
    only_lab = Selection(
        KindSelection(everything=True), channels=KindSelection(ids=frozenset({"c-lab"}))
    )
    said = [message("c-news", "ann", f"n{one}", one) for one in range(700)]
    said += [message("c-lab", "ann", f"l{one}", one) for one in range(3)]

    operation = convert(
        admin_user,
        user("ann", username="ann"),
        *(room("news"), room("lab")),
        *said,
        selection=only_lab,
    )

    counts = RoomCount.objects.by_room(operation.pk, ["c-news", "c-lab"])
    assert counts["c-news"]["skipped"] == 700
    assert counts["c-lab"] == {
        "imported": 3,
        "updated": 0,
        "unchanged": 0,
        "skipped": 0,
        "failed": 0,
    }
