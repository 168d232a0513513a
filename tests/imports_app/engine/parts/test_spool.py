"""Spool: messages between reading and the run."""

from __future__ import annotations

import os

import pytest

from accounts.models import User
from imports_app.engine import jobs
from imports_app.engine.parts import spool
from imports_app.engine.parts.spool import Part, SpoolWriter, read_part
from imports_app.errors import SourceError
from imports_app.models import ImportOperation
from imports_app.records import MessageRecord, SourceItem
from imports_app.services.operations import create_operation
from imports_app.transitions import Actor
from imports_app.uploads.storage import spool_path


@pytest.fixture
def operation(admin_user: User) -> ImportOperation:
    return create_operation(
        actor=Actor(admin_user), importer_key="csv", importer_name="CSV"
    )


def said(room: str, number: int, file: str = "", **fields: object) -> SourceItem:
    """Return a message with its place."""
    values = {"author": "ann", "text": f"text {number}", "sent_at": number, **fields}
    record = MessageRecord(import_id=f"m-{number}", room=room, **values)  # type: ignore[arg-type]
    return SourceItem(record, file or f"{room}.json", number + 1, "")


def write(operation: ImportOperation, items: list[SourceItem]) -> list[Part]:
    with SpoolWriter(operation, jobs.no_op) as writer:
        for found in items:
            assert isinstance(found.record, MessageRecord)
            writer.add(found, found.record)
        return [*writer.take_complete(), *writer.finish()]


def test_messages_are_read_as_they_were_written(operation: ImportOperation) -> None:
    items = [
        said("news", 0, text="Ünïcode \N{SMILING FACE WITH SUNGLASSES} \n\0"),
        said("news", 1, thread="m-0", reactions={":+1:": ["ann", "bo"]}),
        said("news", 2, files=[{"id": "F1", "name": "a.txt"}], is_bot=True, alias="x"),
        SourceItem(said("news", 3, sent_at=None, raw_time="?").record, "a.csv", 7, "g"),
    ]

    [part] = write(operation, items)

    assert read_part(operation, part) == items
    assert (part.position, part.room, part.messages) == (0, "news", 4)


def test_parts_end_at_their_size_and_between_large_rooms(
    operation: ImportOperation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool, "MOST_MESSAGES", 10)
    monkeypatch.setattr(spool, "_LEAST_MESSAGES", 4)
    items = [
        *(said("big", number) for number in range(14)),
        *(said("small", number) for number in range(2)),
        *(said("tiny", number) for number in range(2)),
        *(said("other", number) for number in range(3)),
    ]

    parts = write(operation, items)

    assert [(part.room, part.messages) for part in parts] == [
        ("big", 10),
        ("big", 4),
        ("", 4),
        ("other", 3),
    ]
    assert [part.entry for part in parts][1:3] == ["big.json", "small.json"]
    assert [found for part in parts for found in read_part(operation, part)] == items


def test_messages_of_one_file_share_parts(operation: ImportOperation) -> None:
    items = [said(f"ann/{number % 700}", number, "dms.csv") for number in range(2_000)]

    [part] = write(operation, items)

    assert part.room == ""


def test_large_messages_make_small_parts(
    operation: ImportOperation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool, "_MOST_BYTES", 900)

    parts = write(operation, [said("news", n, text="x" * 400) for n in range(6)])

    assert [part.messages for part in parts] == [2, 2, 2]


def test_messages_are_counted_by_room_and_author(operation: ImportOperation) -> None:
    with SpoolWriter(operation, jobs.no_op) as writer:
        for room in ("a", "b", "a"):
            found = said(room, 1)
            assert isinstance(found.record, MessageRecord)
            writer.add(found, found.record)

    counts = dict(writer.take_counts())
    assert {room: n for (room, _author, _bad), n in counts.items()} == {"a": 2, "b": 1}
    assert writer.take_counts() == []


def test_reading_again_writes_the_same_spool(operation: ImportOperation) -> None:
    items = [said("news", number) for number in range(20)]
    first = write(operation, items)
    content = spool_path(operation).read_bytes()
    spool_path(operation).write_bytes(content * 2)

    assert write(operation, items) == first
    assert spool_path(operation).read_bytes() == content


def test_only_the_server_can_read_a_spool(operation: ImportOperation) -> None:
    write(operation, [said("news", 1)])

    assert os.stat(spool_path(operation)).st_mode & 0o077 == 0


def test_source_without_messages_has_no_spool(operation: ImportOperation) -> None:
    assert write(operation, []) == []
    assert not spool_path(operation).exists()


@pytest.mark.parametrize("damage", ["cut", "changed", "shorter"])
def test_lost_messages_are_noticed(operation: ImportOperation, damage: str) -> None:
    [part] = write(operation, [said("news", number) for number in range(20)])
    path = spool_path(operation)
    content = path.read_bytes()
    if damage == "cut":
        path.write_bytes(content[:-1])
    elif damage == "changed":
        path.write_bytes(content[:-3] + b"???")
    else:
        part = part._replace(messages=21)

    with pytest.raises(SourceError) as refused:
        read_part(operation, part)

    assert refused.value.code == "importer-prepared-data-lost"


def test_missing_spool_is_an_error_of_the_storage(operation: ImportOperation) -> None:
    [part] = write(operation, [said("news", 1)])
    spool_path(operation).unlink()

    with pytest.raises(FileNotFoundError):
        read_part(operation, part)
