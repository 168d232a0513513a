"""Bulk statements, the same on both databases."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, DataError, IntegrityError, transaction

from config.db import bulk
from config.db.bulk import insert_new_rows, insert_rows, update_rows
from config.db.lookups import find_keys
from imports_app.models import Message, Room

COLUMNS = ("room", "import_id", "author", "sent_at", "text", "extras")
NOW = datetime(2024, 2, 29, 12, 30, 15, 123000, tzinfo=UTC)
UNIQUE = ("room", "import_id")

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True, params=["few rows", "many rows"])
def size(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Use the statements for few and for many rows."""
    monkeypatch.setattr(bulk, "_FEW", 1_000 if request.param == "few rows" else 0)


@pytest.fixture
def room() -> int:
    return Room.objects.create(type="c", name="news").pk


def row(
    room: int, name: str, text: str = "x", extras: object = None
) -> tuple[object, ...]:
    return (room, name, "author", NOW, text, extras)


def texts() -> dict[str, str]:
    return dict(Message.objects.values_list("import_id", "text"))


def test_values_are_stored_as_given(room: int) -> None:
    text = "tab\t, new\nline, \\N, \\., é, \N{GRINNING FACE}, \"'"
    extras = {"a": [1, None, "\\n"], "é": True}

    assert insert_new_rows(Message, COLUMNS, [row(room, "m1", text, extras)])

    stored = Message.objects.get()
    assert (stored.text, stored.extras, stored.sent_at) == (text, extras, NOW)
    assert (stored.author_id, stored.thread) == ("author", None)


def test_nothing_is_inserted_if_a_row_exists(room: int) -> None:
    insert_rows(Message, COLUMNS, [row(room, "m2", "old")])

    rows = [row(room, f"m{number}", "new") for number in range(4)]
    assert not insert_new_rows(Message, COLUMNS, rows)

    assert texts() == {"m2": "old"}


def test_existing_rows_are_replaced_in_the_given_columns(room: int) -> None:
    insert_rows(Message, COLUMNS, [row(room, "m1", "old", {"bot": True})])

    rows = [row(room, "m1", "new"), row(room, "m2", "new", {"alias": "x"})]
    insert_rows(Message, COLUMNS, rows, unique=UNIQUE, replaced=("text",))

    assert texts() == {"m1": "new", "m2": "new"}
    extras = Message.objects.order_by("import_id").values_list("extras", flat=True)
    assert list(extras) == [{"bot": True}, {"alias": "x"}]


def test_existing_rows_are_kept_without_replaced_columns(room: int) -> None:
    insert_rows(Message, COLUMNS, [row(room, "m1", "old")])

    insert_rows(Message, COLUMNS, [row(room, "m1", "new")], unique=UNIQUE)

    assert texts() == {"m1": "old"}


@pytest.mark.parametrize("unique", [(), UNIQUE])
def test_invalid_rows_are_refused(room: int, unique: tuple[str, ...]) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        insert_rows(
            Message, COLUMNS, [(room, "m1", "a", None, "x", None)], unique=unique
        )

    with pytest.raises(DatabaseError), transaction.atomic():
        insert_new_rows(Message, COLUMNS, [(room, "m1", "a", None, "x", None)])
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_rows(Message, COLUMNS, [row(room, "m1"), row(room, "m1")])
    assert texts() == {}


def test_numbers_beyond_a_column_are_refused(room: int) -> None:
    with (
        pytest.raises((DataError, OverflowError)),  # on PostgreSQL, on SQLite
        transaction.atomic(),
    ):
        insert_rows(Message, COLUMNS, [row(10**30, "m1")])

    assert texts() == {}


def test_columns_of_many_rows_are_updated(room: int) -> None:
    insert_rows(Message, COLUMNS, [row(room, f"m{n}") for n in range(3)])
    pks = dict(Message.objects.values_list("import_id", "pk"))

    update_rows(
        Message,
        ("text", "thread"),
        [("a", "t", pks["m0"]), ("b", None, pks["m1"])],
    )

    assert texts() == {"m0": "a", "m1": "b", "m2": "x"}
    assert set(Message.objects.values_list("thread", flat=True)) == {"t", None}


def test_existing_keys_are_found(room: int) -> None:
    insert_rows(Message, COLUMNS, [row(room, f"m{n}") for n in range(3)])
    keys = {(room, f"m{n}") for n in range(1, 6_000)} | {(room + 1, "m0")}

    assert find_keys(Message, UNIQUE, keys) == {(room, "m1"), (room, "m2")}


def test_no_rows_are_no_statement(room: int) -> None:
    insert_rows(Message, COLUMNS, [])
    update_rows(Message, ("text",), [])

    assert insert_new_rows(Message, COLUMNS, []) == ()
