"""Conversion of message records (importers.md 6.3)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from imports_app.engine.converters.messages import MessageConverter
from imports_app.engine.matching.user_lookup import UserLookup
from imports_app.engine.planning.moments import moment_of
from imports_app.models import ImportRecord, Message, Outcome, Room
from imports_app.records import MessageRecord, SourceItem
from tests.imports_app.engine.converting import (
    convert,
    message,
    notes,
    outcomes,
    room,
    user,
)

ANN = user("ann", username="ann")


def test_existing_message_is_replaced(admin_user: User) -> None:
    convert(admin_user, ANN, room("news"), message("c-news", "ann", "first"))

    convert(admin_user, room("news"), message("c-news", "ann", "second"))

    assert Message.objects.get().text == "second"
    assert Room.objects.get().message_count == 1


def test_replacing_a_message_removes_missing_parts(admin_user: User) -> None:
    said = message("c-news", "ann", "x")
    rich = replace(said, reactions={":tada:": ["ann"]}, edited_at=1, thread="m-0")
    convert(admin_user, ANN, room("news"), rich)
    assert Message.objects.get().extras == {"reactions": {":tada:": ["ann"]}}

    convert(admin_user, room("news"), said)

    there = Message.objects.get()
    assert (there.extras, there.edited_at, there.thread) == (None, None, None)


def test_duplicate_id_in_a_room_is_one_message(admin_user: User) -> None:
    said = message("c-news", "ann", "x")
    operation = convert(admin_user, ANN, room("news"), said, said)

    assert Message.objects.count() == 1
    assert operation.count_completed == operation.count_total == 4


def test_same_id_in_two_rooms_is_two_messages(admin_user: User) -> None:
    convert(
        admin_user,
        ANN,
        *(room("news"), room("lab")),
        *(message("c-news", "ann", "x"), message("c-lab", "ann", "x")),
    )

    assert Message.objects.count() == 2


def test_messages_use_rooms_of_earlier_imports(admin_user: User) -> None:
    convert(admin_user, ANN, room("news"))

    convert(admin_user, message("c-news", "ann", "later"))

    assert Message.objects.get().text == "later"


@pytest.mark.parametrize(
    ("record", "code"),
    [
        (message("c-lost", "ann", "x"), "importer-message-unknown-room"),
        (message("c-news", "nobody", "x"), "importer-message-unknown-user"),
        (
            MessageRecord(
                import_id="1", room="c-news", author="ann", text="x", sent_at=None
            ),
            "importer-message-invalid-timestamp",
        ),
        (
            MessageRecord(
                import_id="1", room="c-news", author="ann", text="x", sent_at=10**18
            ),
            "importer-message-invalid-timestamp",
        ),
    ],
)
def test_invalid_record_fails_alone(
    admin_user: User, record: MessageRecord, code: str
) -> None:
    fine = message("c-news", "ann", "fine", 7)
    operation = convert(admin_user, ANN, room("news"), record, fine)

    assert outcomes(operation)[2:] == [("failed", code)]
    assert Message.objects.get().text == "fine"


@pytest.mark.parametrize(
    "room_id", ["csv-unlisted-lost", "slack-unlisted-lost", "lost"]
)
def test_failure_names_the_room_as_users_know_it(
    admin_user: User, room_id: str
) -> None:
    operation = convert(admin_user, ANN, message(room_id, "ann", "x"))

    assert "The room 'lost' was not imported." in notes(operation)


def test_record_rejected_by_the_database_fails_alone(
    admin_user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = message("c-news", "ann", "x")
    page = [message("c-news", "ann", f"t{n}", n) for n in range(2, 30)]
    monkeypatch.setattr(
        MessageConverter, "convert", _refusing(MessageConverter.convert)
    )

    operation = convert(admin_user, ANN, room("news"), *page[:9], long, *page[9:])

    assert Message.objects.count() == 28
    failed = ImportRecord.objects.failed(operation.pk).get()
    assert failed.code == "importer-record-rejected"


def _refusing(convert_page: object) -> object:
    """Return a conversion whose first message the database rejects."""

    def wrapped(self: MessageConverter, page: list[SourceItem]) -> object:
        results = convert_page(self, page)  # type: ignore[operator]
        if any(found.record.import_ids == ("m-1",) for found in page):
            Room.objects.create(type="d")  # breaks a constraint
        return results

    return wrapped


def test_time_out_of_range_is_none() -> None:
    assert moment_of(0) is not None
    assert moment_of(None) is moment_of(10**18) is moment_of(-(10**18)) is None


def test_query_count_is_independent_of_page_size(admin_user: User) -> None:
    operation = convert(admin_user, ANN, room("news"), room("lab"))
    counts: dict[int, list[int]] = {}
    for name, size in (("news", 2), ("lab", 60)):
        converter = MessageConverter(operation.pk, UserLookup(by_username=True))
        page = [SourceItem(message(f"c-{name}", "ann", "x", n)) for n in range(size)]
        counts[size] = []
        for expected in (Outcome.IMPORTED, Outcome.UNCHANGED, Outcome.UNCHANGED):
            with CaptureQueriesContext(connection) as queries:
                results = converter.convert(page)
            counts[size].append(len(queries))
            assert {result.outcome for result in results} == {expected}

    assert counts[2] == counts[60]
    assert max(counts[60]) <= 8


def test_mentions_of_users_with_swapped_names(admin_user: User) -> None:
    people = (user("U1", username="ann"), user("U2", username="bo"))
    said = message("c-news", "U1", "@bo meets @ann and @bobby")
    said = replace(said, mentions={"U1": "bo", "U2": "ann"})

    convert(admin_user, *people, room("news"), said)

    assert Message.objects.get().text == "@ann meets @bo and @bobby"


def test_ambiguous_mention_is_kept(admin_user: User) -> None:
    said = message("c-news", "U1", "@unknown-user, @unknown-user")
    said = replace(said, mentions={"U1": "unknown-user", "U9": "unknown-user"})

    convert(admin_user, user("U1", username="ann"), room("news"), said)

    assert Message.objects.get().text == "@unknown-user, @unknown-user"
