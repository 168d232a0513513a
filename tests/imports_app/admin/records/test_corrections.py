"""Failed records are corrected on their page, and the retry uses the correction."""

from __future__ import annotations

import html
import io
import re
import zipfile
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from accounts.models import ActivityEntry, User
from imports_app.errors import CorrectionInvalidError
from imports_app.models import (
    Correction,
    ImportOperation,
    ImportRecord,
    Message,
    OperationEvent,
    Room,
)
from imports_app.records import RoomType
from imports_app.services.corrections.changes import correct_record
from imports_app.transitions import Actor
from tests.conftest import ApiClient
from tests.factories import RoleFactory, UserFactory
from tests.imports_app.api.importing import current, imported, packed
from tests.imports_app.engine.converting import convert, message, room, user
from tests.working import work

FILES = {
    "users.csv": "ann,ann@example.org,Ann\n,,Nobody\n",
    "channels.csv": "news,ann,public,\nlab,ann,perhaps,\n",
    "news/1.csv": (
        "ann,1600000000000,hello\nghost,1600000000001,boo\nann,never,late\nann\n"
    ),
    "directmessages/1.csv": "ann,,1600000000003,psst\n",
}


@pytest.fixture
def operation(importer_api: ApiClient) -> ImportOperation:
    return imported(importer_api, packed(FILES))


@pytest.fixture
def browser(importer_user: User) -> Client:
    client = Client()
    client.force_login(importer_user)
    return client


def record_at(operation: ImportOperation, file: str, line: int) -> ImportRecord:
    return ImportRecord.objects.get(
        operation=operation, source_file=file, source_line=line
    )


def page_of(record: ImportRecord, name: str = "correct") -> str:
    if name == "correct":
        operation = f"/admin/imports_app/importoperation/{record.operation_id}/"
        return f"{operation}correct/{record.pk}/"
    return f"/admin/imports_app/importrecord/{record.pk}/{name}/"


def post(browser: Client, record: ImportRecord, *cells: str, revision: int = 0) -> Any:
    form = {f"cell-{number}": cell for number, cell in enumerate(cells)}
    return browser.post(page_of(record), {**form, "revision": str(revision)})


def shown(browser: Client, address: str) -> str:
    content = browser.get(address).content.decode()
    main = content[content.index('class="operation"') :]
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", main)))


def said(response: Any) -> str:
    return " ".join(map(str, get_messages(response.wsgi_request)))


def test_corrected_records_are_imported_by_the_retry(
    browser: Client, importer_api: ApiClient, operation: ImportOperation
) -> None:
    corrections = {
        ("users.csv", 2): ("nora", "nora@example.org", "Nobody", "active"),
        ("channels.csv", 2): ("lab", "ann", "private", "nora"),
        ("news/1.csv", 2): ("ann", "1600000000001", "boo"),
        ("news/1.csv", 3): ("ann", "2020-09-13T12:26:40Z", "late"),
        ("news/1.csv", 4): ("nora", "1600000000009", "short"),
    }
    for (file, line), cells in corrections.items():
        record = record_at(operation, file, line)
        response = post(browser, record, *cells)
        assert response.headers["Location"] == page_of(record, "change"), said(response)

    importer_api.post(f"importOperations/{operation.public_id}/retry")
    work()

    assert set(Message.objects.values_list("text", "author__username")) == {
        *(("hello", "ann"), ("boo", "ann"), ("late", "ann"), ("short", "nora"))
    }
    nora = User.objects.get(username="nora")
    assert nora.emails.get().address == "nora@example.org"
    lab = Room.objects.get(name="lab")
    assert (lab.type, lab.members.filter(user=nora).exists()) == ("p", True)
    assert not ImportRecord.objects.failed(current().pk).exists()
    # The first import keeps what it read.
    kept = record_at(operation, "news/1.csv", 3)
    assert (kept.outcome, kept.data["raw_time"]) == ("failed", "never")


@pytest.mark.parametrize(
    ("place", "cells", "error"),
    [
        (("users.csv", 2), ("", "", "Nobody", ""), "Nothing was changed"),
        (("users.csv", 2), ("", "", "x", ""), "neither a username nor an e-mail"),
        (("users.csv", 2), ("n", "no address", "", ""), "Invalid e-mail addresses"),
        (("users.csv", 2), ("n", "", "", "perhaps"), "unknown values"),
        (("users.csv", 2), ("n" * 256, "", "", ""), "has more than 255 characters"),
        (("users.csv", 2), ("", "", "", ""), "All values are empty"),
        (("channels.csv", 2), ("lab", "ann", "maybe", ""), "is not valid"),
        (("channels.csv", 2), ("!!!", "ann", "public", ""), "no valid characters"),
        (("news/1.csv", 2), ("ann", "yesterday", "x"), "'yesterday' is not valid"),
        (("news/1.csv", 2), ("", "1600000000001", "x"), "has no author"),
        (("news/1.csv", 2), ("ann", "3/4/2020 10:00", "x"), "order of day and month"),
        (("news/1.csv", 2), ("nobody", "1600000000001", "x"), "the username 'nobody'"),
        (("news/1.csv", 4), ("ann", "", ""), "too few columns"),
        (("news/1.csv", 2), ("a" * 100_001, "1", "x"), "more than 100,000 characters"),
        (("news/1.csv", 2), ("a\0", "1", "x"), "contains NUL"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_values_are_checked_as_when_a_file_is_read(
    browser: Client,
    operation: ImportOperation,
    place: tuple[str, int],
    cells: tuple[str, ...],
    error: str,
) -> None:
    response = post(browser, record_at(operation, *place), *cells)

    assert response.status_code == 200
    assert error in html.unescape(response.content.decode())
    assert not Correction.objects.exists()


def test_original_and_correction_are_shown_side_by_side(
    browser: Client,
    importer_api: ApiClient,
    importer_user: User,
    operation: ImportOperation,
) -> None:
    record = record_at(operation, "news/1.csv", 3)
    assert "Correct record" in shown(browser, page_of(record, "change"))
    post(browser, record, "ann", "1600000000005", "later")

    page = shown(browser, page_of(record, "change"))
    form = shown(browser, page_of(record))
    answer = importer_api.get(
        f"importOperations/{operation.public_id}/records", {"outcome": "failed"}
    ).json()

    assert "Time never 1600000000005" in page
    assert "Text late later" in page
    assert "Corrected by ivan" in page
    assert "Change correction" in page
    assert "Original: never" in form
    [corrected] = [one for one in answer["records"] if "correctedAt" in one]
    assert (corrected["file"], corrected["line"]) == ("news/1.csv", 3)
    failures = importer_api.get(f"importOperations/{operation.public_id}/failures.zip")
    content = b"".join(failures.streaming_content)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        rows = archive.read("news/1.csv").decode()
    assert '"ann","1600000000005","later","importer-message-invalid-timestamp"' in rows
    assert "the original row was: ann | never | late" in rows


def test_a_correction_is_in_the_timeline_and_the_activity_log_without_values(
    browser: Client,
    importer_api: ApiClient,
    importer_user: User,
    operation: ImportOperation,
) -> None:
    post(browser, record_at(operation, "users.csv", 2), "nora", "", "Secret", "")

    event = OperationEvent.objects.latest("pk")
    assert (event.actor, event.corrected) == (importer_user, "user (users.csv:2)")
    entry = ActivityEntry.objects.latest("pk")
    assert entry.after == {"corrected record": "user (users.csv:2)"}
    details = importer_api.get(f"importOperations/{operation.public_id}").json()
    assert details["operation"]["timeline"][-1]["corrected"] == "user (users.csv:2)"
    change = f"/admin/imports_app/importoperation/{operation.pk}/change/"
    content = browser.get(change).content.decode()
    assert "Record corrected: user (users.csv:2)" in content
    assert "Secret" not in content


def test_a_correction_can_be_changed(
    browser: Client, operation: ImportOperation
) -> None:
    record = record_at(operation, "users.csv", 2)
    post(browser, record, "nora", "", "Nobody", "")
    post(browser, record, "norah", "", "Nobody", "", revision=1)

    assert Correction.objects.get().cells[0] == "norah"


def test_rows_that_could_not_be_read_count_as_retryable_once_corrected(
    browser: Client, importer_api: ApiClient, importer_user: User
) -> None:
    files = {"users.csv": "ann,,Ann\n", "channels.csv": "news,ann,perhaps,\n"}
    operation = imported(importer_api, packed(files))
    retry = f"importOperations/{operation.public_id}/retry"
    assert importer_api.post(retry).json()["errorType"] == "error-nothing-to-retry"

    post(browser, record_at(operation, "channels.csv", 1), "news", "", "public", "")
    importer_api.post(retry)
    work()

    assert Room.objects.get().name == "news"


def test_a_correction_keeps_what_the_row_does_not_show(importer_user: User) -> None:
    attachment = {"title": "kept"}
    hello = message("c-news", "ghost", "hi")
    hello.attachments = [attachment]
    operation = convert(
        importer_user,
        user("U1", username="ann"),
        room("news"),
        room("!!", RoomType.PRIVATE, topic="kept"),
        hello,
        importer="slack",
    )
    for kind, cells in (
        ("message", ["U1", "1600000000001", "hi"]),
        ("channel", ["lab", "", "private", ""]),
    ):
        record = ImportRecord.objects.get(
            operation=operation, kind=kind, outcome="failed"
        )
        correct_record(
            operation=operation,
            key=str(record.pk),
            cells=cells,
            revision=0,
            actor=Actor(importer_user),
        )

    rows = dict(Correction.objects.values_list("cells__0", "data"))
    assert rows["U1"]["attachments"] == [attachment]
    assert rows["U1"]["import_id"] == hello.import_id
    assert (rows["lab"]["topic"], rows["lab"]["import_ids"]) == ("kept", ["p-!!"])


def test_a_private_room_is_never_made_public(importer_user: User) -> None:
    operation = convert(importer_user, room("!!", RoomType.PRIVATE))
    [record] = ImportRecord.objects.filter(operation=operation)

    with pytest.raises(CorrectionInvalidError, match="can't be made public"):
        correct_record(
            operation=operation,
            key=str(record.pk),
            revision=0,
            cells=["lab", "", "public", ""],
            actor=Actor(importer_user),
        )


def test_imported_records_can_not_be_corrected(
    browser: Client, operation: ImportOperation
) -> None:
    imported_record = record_at(operation, "users.csv", 1)

    assert post(browser, imported_record, "x", "", "", "").status_code == 302
    assert "Correct record" not in shown(browser, page_of(imported_record, "change"))
    assert not Correction.objects.exists()


def test_correcting_needs_the_right_to_run_imports(operation: ImportOperation) -> None:
    viewer = RoleFactory.create(permissions=["view-import-operations"])
    client = Client()
    client.force_login(UserFactory.create(roles=[viewer]))
    record = record_at(operation, "users.csv", 2)

    assert client.get(page_of(record)).status_code == 403
    assert post(client, record, "nora", "", "", "").status_code == 403
    assert "Correct record" not in shown(client, page_of(record, "change"))
