"""Positions of messages, and the pages that begin at them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import User
from imports_app.engine.background import message_positions
from imports_app.engine.background.message_positions import needs_positions
from imports_app.engine.background.search_indexing import index_messages, wants_indexing
from imports_app.engine.converters.messages import _count_in_rooms
from imports_app.models import ImportOperation, Message, MessagePosition, Room
from imports_app.querysets.reading import positions
from imports_app.querysets.reading.messages import ReadableMessages
from imports_app.statuses import Status
from tests.conftest import api_client_of
from tests.factories import ImportOperationFactory, RoleFactory, UserFactory
from tests.imports_app.engine.converting import convert, message, user
from tests.imports_app.engine.converting import room as channel
from tests.imports_app.engine.undo.undoing import undo
from tests.workspace import START, count, room_of

pytestmark = pytest.mark.django_db

NUMBER = 60


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch) -> Room:
    """A room of 60 messages with a position at every seventh.

    A third are replies in a thread. Every second message has the time of the one
    before it.
    """
    monkeypatch.setattr(message_positions, "INTERVAL", 7)
    monkeypatch.setattr(positions, "SMALLEST", 10)
    ann = UserFactory.create()
    room = room_of(ann)
    messages = [
        Message(
            room=room,
            import_id=f"m-{number}",
            author=ann,
            sent_at=START + timedelta(minutes=number // 2),
            text=str(number),
            thread="m-0" if number % 3 == 2 or 20 < number < 40 else None,
        )
        for number in range(NUMBER)
    ]
    Message.objects.bulk_create(messages)
    count(room, messages)
    return room


@pytest.fixture
def api() -> Any:
    """A client that reads all rooms."""
    role = RoleFactory.create(permissions=["view-room-administration"])
    return api_client_of(UserFactory.create(roles=[role]))


def pages(api: Any, endpoint: str, size: int, **params: str) -> list[list[str]]:
    """Return the texts of all pages, including one behind the end."""
    found = []
    for offset in range(0, NUMBER + 2 * size, size):
        page = {"roomName": "general", "offset": offset, "count": size, **params}
        body = api.get(f"channels.{endpoint}", page).json()
        found.append([message["msg"] for message in body["messages"]])
    return found


LISTS: list[tuple[str, dict[str, str]]] = [
    ("messages", {}),
    ("messages", {"sort": '{"ts": 1}'}),
    ("history", {}),
    ("history", {"showThreadMessages": "true"}),
    ("history", {"oldest": (START + timedelta(minutes=9)).isoformat()}),
    ("history", {"latest": (START + timedelta(minutes=21)).isoformat()}),
    ("history", {"latest": (START + timedelta(days=1)).isoformat()}),
]


@pytest.mark.parametrize(("endpoint", "params"), LISTS)
def test_pages_are_the_same_with_positions(
    room: Room, api: Any, endpoint: str, params: dict[str, str]
) -> None:
    before = pages(api, endpoint, 5, **params)
    assert wants_indexing()
    index_messages()

    assert pages(api, endpoint, 5, **params) == before
    assert any(before)
    assert not needs_positions()


def test_positions_count_messages(room: Room) -> None:
    Room.objects.update(message_count=55)  # wrong
    index_messages()

    room.refresh_from_db()
    stored = MessagePosition.objects.values_list("number", "shown", "message__text")
    texts = list(Message.objects.history(room.pk).values_list("text", flat=True))
    shown = list(
        Message.objects.history(room.pk)
        .without_replies()
        .values_list("text", flat=True)
    )
    assert list(stored) == [
        (number, sum(text in shown for text in texts[:number]), texts[number])
        for number in range(0, NUMBER, 7)
    ]
    assert (room.has_positions, room.message_count) == (True, NUMBER)
    assert room.shown_count == len(shown)


def test_a_reader_skips_at_most_one_interval(
    room: Room, api: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    index_messages()
    skipped = []
    read = ReadableMessages.page

    def noted(self: Any, *, skip: int, **options: Any) -> Any:
        skipped.append(skip)
        return read(self, skip=skip, **options)

    monkeypatch.setattr(ReadableMessages, "page", noted)

    for endpoint, params in LISTS[:5]:
        pages(api, endpoint, 5, **params)

    assert max(skipped) < 7


def test_imports_are_not_disturbed(room: Room) -> None:
    operation = ImportOperationFactory.create(
        status=Status.IMPORTING_MESSAGES, is_valid=True
    )

    assert not needs_positions()
    ImportOperation.objects.filter(pk=operation.pk).update(status=Status.DONE)
    assert needs_positions()


@pytest.mark.parametrize("event", ["inserted", "moved", "restored"])
def test_positions_of_changed_rooms_are_not_stored(
    room: Room, monkeypatch: pytest.MonkeyPatch, event: str
) -> None:
    """An import commits messages while a worker computes the positions."""
    numbers_from = positions.PositionedMessages.numbers_from

    def change(self: Any, *place: Any) -> tuple[int, int]:
        monkeypatch.undo()
        message = Message.objects.history(room.pk)[0]
        if event == "moved":
            _count_in_rooms([], [room.pk])
        elif event == "restored":
            Message.objects.note_moved([message.pk])
        else:
            _count_in_rooms([(room.pk, "new", "author", message.sent_at)], ())
        return numbers_from(self, *place)

    monkeypatch.setattr(positions.PositionedMessages, "numbers_from", change)
    message_positions._store(room.pk)

    last = room.last_message_at
    room.refresh_from_db()
    assert (room.has_positions, room.shown_count) == (False, None)
    assert room.last_message_at == last
    assert not MessagePosition.objects.exists()


def test_undo_removes_positions(admin_user: User) -> None:
    operation = convert(
        admin_user,
        user("U1", username="newcomer"),
        channel("plans", members=("U1",)),
        message("c-plans", "U1", "hello"),
    )
    made = Room.objects.get(name="plans")
    message_positions._store(made.pk)
    assert MessagePosition.objects.filter(room=made).count() == 1

    undo(operation, admin_user)

    assert not Room.objects.exists()
    assert not MessagePosition.objects.exists()
