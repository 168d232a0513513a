"""Streams of server-sent events."""

from __future__ import annotations

import asyncio
import random
import re
import socket
import threading
from functools import partial
from typing import Any

import orjson
import pytest
from django.db import connection, transaction
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import AuthToken, User
from config.server.application import RsgiApplication
from config.server.event_streams import CHECK_SECONDS
from config.server.outgoing import Outgoing
from config.server.threads import QueueFullError
from imports_app.api.waiting.events import PAGE, TimelineSource
from imports_app.models import EventOrder, ImportOperation, OperationEvent
from imports_app.services.event_order import order_events
from imports_app.statuses import Status
from tests.config.server.applications import (
    get,
    in_thread,
    run,
    running_application,
    until,
)
from tests.config.server.rsgi import Channel
from tests.conftest import ApiClient
from tests.factories import ImportOperationFactory

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

ALL = "importOperations/events"
CUTS = 100


@pytest.fixture
def operation(db: None) -> ImportOperation:
    """An operation without events."""
    return ImportOperationFactory.create()


def add_event(operation: ImportOperation, **values: Any) -> OperationEvent:
    """Append an event to a timeline."""
    return OperationEvent.objects.create(
        operation=operation, to_status=Status.DONE, **values
    )


def events_of(channel: Channel) -> list[tuple[int, Any]]:
    """Return the IDs and documents of the complete timeline events of a stream."""
    pattern = rb"id: (\d+)\nevent: timeline\ndata: ([^\n]+)\n\n"
    found = re.findall(pattern, channel.body)
    return [(int(number), orjson.loads(data)) for number, data in found]


async def begun(
    application: RsgiApplication,
    client: ApiClient,
    path: str = ALL,
    *lines: tuple[str, str],
) -> tuple[Channel, asyncio.Task[None]]:
    """Return a stream that gets new events."""
    before = len(live(application))
    channel, task = get(application, client, path, *lines)
    await until(lambda: task.done() or len(live(application)) > before)
    return channel, task


def _has_grown(channel: Channel, size: int) -> bool:
    return len(channel.body) > size


def live(application: RsgiApplication) -> list[Any]:
    """Return the streams that get new events."""
    return [stream for stream in application._streams._streams if stream.is_live]


async def leave(channel: Channel, task: asyncio.Task[None]) -> None:
    """Disconnect the client."""
    channel.is_gone.set()
    await task


def test_sends_the_entries_of_the_timeline(
    importer_api: ApiClient, operation: ImportOperation
) -> None:
    other = ImportOperationFactory.create()
    path = f"importOperations/{operation.public_id}/events"
    first = add_event(operation)

    async def test() -> None:
        async with running_application() as application:
            all_events = await begun(application, importer_api)
            own = await begun(application, importer_api, path)
            await in_thread(lambda: add_event(other))
            await in_thread(lambda: add_event(operation, corrected="user ann"))
            await until(lambda: len(events_of(own[0])) == 2)
            await until(lambda: len(events_of(all_events[0])) == 2)
            await leave(*own)
            await leave(*all_events)

        headers = all_events[0].answer_headers
        assert headers["content-type"] == "text/event-stream"
        assert headers["cache-control"] == "no-store"
        assert headers["x-accel-buffering"] == "no"
        assert "content-length" not in headers
        received.extend(events_of(own[0]))

    received: list[tuple[int, Any]] = []
    run(test())

    details = importer_api.get(f"importOperations/{operation.public_id}").json()
    assert [entry for _number, entry in received] == [
        {"operation": operation.public_id, **entry}
        for entry in details["operation"]["timeline"]
    ]
    first.refresh_from_db()
    assert received[0][0] == first.position
    assert received[0][0] < received[1][0]


def test_resumes_without_gap_or_double_after_random_cuts(
    importer_api: ApiClient, operation: ImportOperation
) -> None:
    chance = random.Random(7)  # noqa: S311 - repeatable, not secret
    is_over = threading.Event()

    def write() -> None:
        while not is_over.wait(0.001):
            with transaction.atomic():
                for _ in range(chance.randint(1, 3)):
                    add_event(operation)

    async def test() -> list[int]:
        received: list[int] = []
        async with running_application() as application:
            last = str((await in_thread(order_events)).last)
            writing = asyncio.create_task(in_thread(write))
            try:
                for _ in range(CUTS):
                    number = chance.randint(1, 5)
                    channel, task = get(
                        application, importer_api, ALL, ("last-event-id", last)
                    )
                    while len(events_of(channel)) < number:
                        await until(partial(_has_grown, channel, len(channel.body)))
                    # The connection may break within an event, which is incomplete.
                    kept = chance.randint(number, len(events_of(channel)))
                    await leave(channel, task)
                    received += [one for one, _entry in events_of(channel)[:kept]]
                    last = str(received[-1])
            finally:
                is_over.set()
                await writing
        return received

    received = asyncio.run(test())

    expected = OperationEvent.objects.filter(position__lte=received[-1])
    assert received == list(
        expected.order_by("position").values_list("position", flat=True)
    )
    assert len(received) >= CUTS


def test_an_event_that_is_committed_late_gets_a_higher_position(
    operation: ImportOperation,
) -> None:
    late_pk = add_event(operation).pk + 1
    add_event(operation, pk=late_pk + 1)
    order_events()

    add_event(operation, pk=late_pk)
    order_events()

    positions = dict(OperationEvent.objects.values_list("pk", "position"))
    in_order = sorted(positions, key=lambda pk: positions[pk] or 0)
    assert in_order[-3:] == [late_pk - 1, late_pk + 1, late_pk]
    assert max(filter(None, positions.values())) == EventOrder.objects.get().last


@pytest.mark.skipif(
    connection.vendor == "sqlite", reason="SQLite has one writer at a time"
)
def test_two_open_transactions(
    importer_api: ApiClient, operation: ImportOperation
) -> None:
    has_written, may_commit = threading.Event(), threading.Event()

    def write_slowly() -> int:
        with transaction.atomic():
            event = add_event(operation, corrected="first")
            has_written.set()
            assert may_commit.wait(30)
        return event.pk

    async def test() -> None:
        async with running_application() as application:
            channel, task = await begun(application, importer_api)
            slow = asyncio.create_task(in_thread(write_slowly))
            await asyncio.to_thread(has_written.wait)
            second = await in_thread(lambda: add_event(operation, corrected="second"))
            await until(lambda: len(events_of(channel)) == 1)
            cut = events_of(channel)[0][0]
            await leave(channel, task)

            may_commit.set()
            assert await slow < second.pk
            resumed = await begun(
                application, importer_api, ALL, ("last-event-id", str(cut))
            )
            await until(lambda: len(events_of(resumed[0])) == 1)
            await leave(*resumed)

        assert [entry["corrected"] for _id, entry in events_of(channel)] == ["second"]
        assert [entry["corrected"] for _id, entry in events_of(resumed[0])] == ["first"]

    run(test())


def test_several_processes_assign_each_position_once(
    operation: ImportOperation,
) -> None:
    for _ in range(20):
        add_event(operation)

    async def test() -> None:
        await asyncio.gather(*(in_thread(order_events) for _ in range(4)))

    asyncio.run(test())

    positions = {event.position for event in OperationEvent.objects.all()}
    last = EventOrder.objects.get().last
    assert positions == set(range(last - 19, last + 1))


def test_events_of_earlier_releases_keep_their_keys(
    importer_api: ApiClient, operation: ImportOperation
) -> None:
    old = [add_event(operation) for _ in range(3)]
    EventOrder.objects.update(first_pk=old[-1].pk, last=old[-1].pk)
    new = add_event(operation)
    path = f"importOperations/{operation.public_id}/events"

    body = importer_api.get(path).content
    rest = importer_api.get(path, headers={"Last-Event-ID": str(old[1].pk)}).content

    ids = [int(number) for number in re.findall(rb"id: (\d+)\nevent", body)]
    assert ids == [event.pk for event in old] + [old[-1].pk + 1]
    assert re.findall(rb"id: (\d+)\nevent", rest) == [
        b"%d" % old[2].pk,
        b"%d" % (old[-1].pk + 1),
    ]
    new.refresh_from_db()
    assert new.position == old[-1].pk + 1


def test_sends_the_progress_of_what_is_running(
    importer_api: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("config.server.event_streams._TICK_SECONDS", 0.01)
    running = ImportOperationFactory.create(
        status=Status.IMPORTING_USERS, is_valid=True, count_total=5
    )

    async def test() -> None:
        async with running_application() as application:
            channel, task = await begun(application, importer_api)
            await until(lambda: channel.body.count(b"event: progress\n") >= 2)
            await leave(channel, task)

        [block] = re.findall(rb"event: progress\ndata: (.*)\n\n", channel.body)[:1]
        document = orjson.loads(block)
        assert document["operation"] == running.public_id
        assert document["status"] == "importer_importing_users"
        assert document["count"] == {"total": 5}
        assert document["progress"]["phase"] == "importing_users"
        assert b"id: " not in channel.body.split(b"event: progress", 1)[1]

    run(test())


def delete_tokens(user: User) -> None:
    AuthToken.objects.all().delete()


def remove_roles(user: User) -> None:
    user.roles.clear()


def deactivate(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


@pytest.mark.parametrize("change", [delete_tokens, deactivate, remove_roles])
def test_ends_when_the_rights_end(
    importer_api: ApiClient, monkeypatch: pytest.MonkeyPatch, change: Any
) -> None:
    monkeypatch.setattr("config.server.event_streams._TICK_SECONDS", 0.01)
    if change is remove_roles:  # is found by the regular check
        monkeypatch.setattr("config.server.event_streams.CHECK_SECONDS", 0.05)

    async def test() -> None:
        async with running_application() as application:
            _channel, task = await begun(application, importer_api)
            await in_thread(lambda: change(importer_api.user))
            await task

    run(test())
    assert CHECK_SECONDS <= 30


def test_sends_comments_while_nothing_happens(
    importer_api: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("config.server.event_streams._TICK_SECONDS", 0.01)
    monkeypatch.setattr("config.server.event_streams.CHECK_SECONDS", 0.05)

    async def test() -> None:
        async with running_application() as application:
            channel, task = await begun(application, importer_api)
            await until(lambda: channel.body.count(b": still here\n\n") >= 2)
            await leave(channel, task)
            await until(lambda: application._streams._task is None)

    run(test())


def test_a_long_timeline_comes_in_pages(
    importer_api: ApiClient, operation: ImportOperation
) -> None:
    for _ in range(PAGE + 5):
        add_event(operation)
    path = f"importOperations/{operation.public_id}/events"

    async def test() -> None:
        async with running_application() as application:
            channel, task = await begun(application, importer_api, path)
            await leave(channel, task)

        assert len(events_of(channel)) == PAGE + 5

    run(test())


def test_slow_readers_are_disconnected(
    importer_api: ApiClient, operation: ImportOperation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Outgoing, "pending", 10**6)

    async def test() -> None:
        async with running_application() as application:
            channel, task = await begun(application, importer_api)
            await in_thread(lambda: add_event(operation))
            await task

        assert events_of(channel) == []

    run(test())


def test_knows_what_a_client_has_not_received() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as listening,
        socket.create_connection(listening.getsockname()),
    ):
        accepted, (host, port) = listening.accept()
        with accepted:
            outgoing = Outgoing(f"{host}:{port}")
            assert outgoing.pending == 0
            accepted.setblocking(False)
            sent = accepted.send(bytes(5_000_000))
            assert 0 < outgoing.pending <= sent
        assert Outgoing(f"{host}:1").pending == 0  # an unknown connection


def test_a_stream_ends_if_the_server_is_too_busy_to_check_it(
    importer_api: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("config.server.event_streams._TICK_SECONDS", 0.01)
    monkeypatch.setattr("config.server.event_streams.CHECK_SECONDS", 0.05)

    async def refuse(function: Any) -> None:
        raise QueueFullError

    async def test() -> None:
        async with running_application() as application:
            channel, task = await begun(application, importer_api)
            monkeypatch.setattr(application._threads, "run", refuse)
            await task

        assert channel.status == 200

    run(test())


def test_streams_continue_after_an_outage_of_the_database(
    importer_api: ApiClient,
    operation: ImportOperation,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("config.server.event_streams._AFTER_ERROR_SECONDS", 0)
    read, failures = TimelineSource.events_after, iter(range(3))

    def fail_thrice(self: TimelineSource, position: int) -> Any:
        if next(failures, None) is not None:
            msg = "the database is unavailable"
            raise OSError(msg)
        return read(self, position)

    monkeypatch.setattr(TimelineSource, "events_after", fail_thrice)

    async def test() -> None:
        async with running_application() as application:
            channel, task = await begun(application, importer_api)
            await in_thread(lambda: add_event(operation))
            await until(lambda: len(events_of(channel)) == 1)
            await leave(channel, task)

    run(test())
    assert caplog.text.count("The events of streams can't be read") == 1


def test_limits_streams(importer_api: ApiClient, settings: Settings) -> None:
    settings.WAITING_PER_USER = 1

    async def test() -> None:
        async with running_application() as application:
            first = await begun(application, importer_api)
            second, task = get(application, importer_api, ALL)
            await task
            await leave(*first)

        assert second.status == 429
        assert second.answer_headers["retry-after"] == "10"

    run(test())


def test_a_stop_of_the_server_ends_streams(importer_api: ApiClient) -> None:
    async def test() -> None:
        async with running_application() as application:
            streams = [await begun(application, importer_api) for _ in range(3)]
            application._watcher.stop_waiting()
            await asyncio.gather(*(task for _channel, task in streams))

    run(test())


@pytest.mark.parametrize("text", ["", "-1", "x", "9" * 19, "9" * 18, "\u0663"])
def test_refuses_unknown_event_ids(importer_api: ApiClient, text: str) -> None:
    response = importer_api.get(ALL, headers={"Last-Event-ID": text})

    assert response.status_code == 400
    assert response.json()["errorType"] == "invalid-params"


def test_an_unknown_operation(importer_api: ApiClient) -> None:
    assert importer_api.get("importOperations/unknown/events").status_code == 404


def test_reading_events_takes_constant_queries(
    operation: ImportOperation, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(5):
        add_event(operation)
    order_events()

    with django_assert_num_queries(3):  # the order; new events; the events
        assert len(TimelineSource().events_after(0)) == 5
