"""Indexing of messages, and the search."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection

from accounts.models import User
from imports_app.engine.background import search_indexing
from imports_app.engine.background.pacing import Pace
from imports_app.engine.background.search_indexing import index_messages, wants_indexing
from imports_app.engine.retries import stopping
from imports_app.health import heartbeat
from imports_app.models import (
    ImportOperation,
    KindCount,
    Message,
    MessageEntry,
    Room,
    SearchProgress,
)
from imports_app.search.queries import Search
from imports_app.statuses import Status
from tests.factories import ImportOperationFactory, UserFactory
from tests.working import work
from tests.workspace import START, room_of, say

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann() -> User:
    """The author of the messages."""
    return UserFactory.create(username="ann")


@pytest.fixture
def room(ann: User) -> Room:
    """The room of the messages."""
    return room_of(ann)


@pytest.fixture
def no_rest(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the pauses, which are skipped."""
    pauses: list[float] = []
    monkeypatch.setattr(stopping, "wait", pauses.append)
    return pauses


def found(search: Search | str = "", *, before: int | None = None) -> list[str]:
    """Return the texts of the results, newest first."""
    wanted = Search(text=search) if isinstance(search, str) else search
    entries = MessageEntry.objects.found(wanted, before=before, limit=50)
    return [entry.message.text for entry in entries if entry.message]


def test_results_are_ordered_by_message_time(ann: User, room: Room) -> None:
    other = room_of(name="other")
    say(room, ann, "tea one", "tea two")
    say(other, ann, "tea three", "coffee")
    Message.objects.filter(text="tea three").update(sent_at=START)
    index_messages()

    assert found("tea") == ["tea two", "tea one", "tea three"]
    assert found("TEA two") == ["tea two"]
    assert found("te") == []
    assert found(Search(text="te", begins=True)) == ["tea two", "tea one", "tea three"]
    assert found() == ["coffee", "tea two", "tea one", "tea three"]


def test_filters_by_room_author_and_time(ann: User, room: Room) -> None:
    bo = UserFactory.create(username="bo")
    other = room_of(name="other")
    say(room, ann, "tea 1")
    say(room, bo, "tea 2")
    say(other, ann, "tea 3")
    index_messages()

    assert found(Search(text="tea", room_id=room.pk)) == ["tea 2", "tea 1"]
    assert found(Search(author_id=bo.public_id)) == ["tea 2"]
    assert found(Search(author_id=bo.public_id.swapcase())) == []
    assert found(Search(text="tea", room_id=other.pk, author_id=bo.public_id)) == []
    minute = timedelta(minutes=1)
    assert found(Search(since=START + 2 * minute)) == ["tea 2"]
    assert found(Search(room_id=room.pk, until=START + 2 * minute)) == ["tea 1"]


def test_pages_by_key(ann: User, room: Room) -> None:
    say(room, ann, *(f"tea {number}" for number in range(5)))
    index_messages()
    first = list(MessageEntry.objects.found(Search("tea"), before=None, limit=2))

    assert found("tea", before=first[-1].pk) == ["tea 2", "tea 1", "tea 0"]


def test_query_syntax_is_escaped(ann: User, room: Room) -> None:
    say(room, ann, "a'b \" OR * NEAR( & | ! <-> \\ NOT and")
    index_messages()

    for query in ("a'b", 'b"', "NEAR(", "NOT", "or*", "& and", "\\", "not <-> and"):
        assert len(found(query)) <= 1
    assert found("near NOT") != []


def test_replaced_messages_are_indexed_again(ann: User, room: Room) -> None:
    (message,) = say(room, ann, "tea")
    index_messages()
    operation = ImportOperationFactory.create(status=Status.DONE)
    Message.objects.filter(pk=message.pk).update(text="coffee")
    KindCount.objects.create(operation=operation, kind="message", updated=1)

    assert wants_indexing()
    index_messages()

    assert found("tea") == []
    assert found("coffee") == ["coffee"]
    assert not wants_indexing()


def test_messages_of_one_millisecond_have_distinct_keys(
    ann: User, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_indexing, "preferred_key", lambda sent_at, pk: 5)
    say(room, ann, *("tea" for _number in range(20)))
    index_messages()

    assert len(found("tea")) == 20


def test_indexing_resumes_after_an_interruption(
    ann: User, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(room, ann, *(f"tea {number}" for number in range(7)))
    monkeypatch.setattr(search_indexing, "_PAGE", 3)
    with monkeypatch.context() as patch:
        patch.setattr(Pace, "end_page", lambda pace: False)
        index_messages()
    assert len(found("tea")) == 3

    index_messages()
    index_messages()

    assert len(found("tea")) == 7


def test_only_messages_of_earlier_imports_are_indexed_beside_an_import(
    ann: User, room: Room, no_rest: list[float]
) -> None:
    say(room, ann, "tea of an earlier import")
    assert wants_indexing()
    ImportOperationFactory.create(
        status=Status.IMPORTING_MESSAGES, is_valid=True, lease_owner="other"
    )
    say(room, ann, "tea of the running import")

    index_messages()

    assert found("tea") == ["tea of an earlier import"]
    assert not wants_indexing()

    ImportOperation.objects.update(status=Status.DONE)
    assert wants_indexing()
    index_messages()
    assert len(found("tea")) == 2


def test_replaced_messages_are_compared_after_the_import(ann: User, room: Room) -> None:
    say(room, ann, "tea")
    index_messages()
    running = ImportOperationFactory.create(
        status=Status.IMPORTING_MESSAGES, is_valid=True, lease_owner="other"
    )
    KindCount.objects.create(operation=running, kind="message", updated=1)

    assert not wants_indexing()
    index_messages()
    assert SearchProgress.objects.get().checked_to > 0

    ImportOperation.objects.update(status=Status.DONE)
    assert wants_indexing()


def test_an_import_that_waits_for_a_worker_has_priority(ann: User, room: Room) -> None:
    say(room, ann, "tea")
    assert wants_indexing()
    ImportOperationFactory.create(
        status=Status.IMPORTING_STARTED, is_valid=True, lease_expires_at=START
    )

    index_messages()

    assert found("tea") == []


def test_indexing_is_requested_once(ann: User, room: Room) -> None:
    say(room, ann, "tea")
    heartbeat._enqueue_indexing()
    heartbeat._enqueue_indexing()

    assert work() == 1
    assert found("tea") == ["tea"]
    assert SearchProgress.objects.get().asked_at is None


def test_messages_of_a_deleted_room_are_not_found(ann: User, room: Room) -> None:
    say(room, ann, "tea")
    index_messages()
    room.delete()

    assert found("tea") == []
    assert found() == []


def test_entry_without_message_is_skipped(ann: User, room: Room) -> None:
    gone, _kept = say(room, ann, "tea one", "tea two")
    index_messages()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM imports_app_message WHERE id = %s", [gone.pk])

    assert found("tea") == ["tea two"]
    assert found() == ["tea two"]


def test_messages_without_an_entry_are_found(ann: User, room: Room) -> None:
    say(room, ann, "tea in the index")
    index_messages()
    say(room, ann, "Tea not yet", "coffee")

    def late(search: Search) -> list[str]:
        last = MessageEntry.objects.last_message()
        messages = Message.objects.not_indexed(search, behind=last)
        return [message.text for message in messages]

    assert late(Search("tea")) == ["Tea not yet"]
    assert late(Search()) == ["coffee", "Tea not yet"]
    assert late(Search("tea", room_id=room.pk + 1)) == []
