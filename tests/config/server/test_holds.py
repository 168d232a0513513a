"""Requests that wait for a change with `Prefer: wait`."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import AuthToken
from config.server.application import THREADS, RsgiApplication
from imports_app.api.waiting import versions
from imports_app.models import FileDownload, ImportOperation
from tests.config.server.applications import (
    get,
    in_thread,
    run,
    running_application,
    until,
)
from tests.config.server.rsgi import Channel, Request
from tests.conftest import ApiClient
from tests.factories import ImportOperationFactory

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

LATEST = "getLatestImportOperations"
WAIT = ("prefer", "wait=60")
Waiting = tuple[Channel, "asyncio.Task[None]"]


async def waiting(
    application: RsgiApplication,
    client: ApiClient,
    path: str = LATEST,
    prefer: str = "wait=60",
) -> Waiting:
    """Return a request that waits for another version than the current one."""
    channel, task = get(application, client, path)
    await task
    current = ("if-none-match", channel.answer_headers["etag"])
    waiters = application._watcher._waiters
    before = len(waiters)
    channel, task = get(application, client, path, current, ("prefer", prefer))
    # The first reading runs the request again, which then waits with its versions.
    await until(
        lambda: task.done() or (len(waiters) > before and _is_known(application))
    )
    return channel, task


def _is_known(application: RsgiApplication) -> bool:
    return all(
        None not in seen.values() for seen in application._watcher._waiters.values()
    )


def change_operations() -> None:
    ImportOperation.objects.change(count_total=7)


def start_download() -> None:
    FileDownload.objects.update(found=9)


@pytest.mark.parametrize(
    ("path", "change"),
    [
        (LATEST, change_operations),
        ("getCurrentImportOperation", change_operations),
        ("getImportProgress", change_operations),
        ("import.status", change_operations),
        ("importOperations?state=done", change_operations),
        ("importOperations/{id}", change_operations),
        ("importOperations/{id}/records", change_operations),
        ("importOperations/{id}/files", start_download),
    ],
)
def test_answers_when_something_changes(
    importer_api: ApiClient, path: str, change: Callable[[], None]
) -> None:
    operation = ImportOperationFactory.create()
    FileDownload.objects.create(operation=operation)

    async def test() -> None:
        async with running_application() as application:
            channel, task = await waiting(
                application, importer_api, path.format(id=operation.public_id)
            )
            assert not task.done()
            await in_thread(change)
            await task

        assert channel.status == 200
        assert channel.answer_headers["preference-applied"] == "wait=60"
        assert orjson.loads(channel.body)

    run(test())


def test_answers_304_when_the_time_is_over(importer_api: ApiClient) -> None:
    async def test() -> None:
        async with running_application() as application:
            channel, task = await waiting(application, importer_api, prefer="wait=1")
            assert not task.done()
            await task

        assert channel.status == 304
        assert channel.answer_headers["preference-applied"] == "wait=1"
        assert channel.answer_headers["etag"]

    run(test())


@pytest.mark.parametrize(
    ("path", "lines", "applied"),
    [
        (LATEST, [WAIT], "wait=60"),  # without a version there is nothing to wait for
        (LATEST, [("prefer", "wait=0"), ("if-none-match", "*")], "wait=0"),
        (LATEST, [("prefer", "wait=soon"), ("if-none-match", "*")], None),
        ("me", [WAIT, ("if-none-match", "*")], None),  # has no version
        ("importOperations/unknown", [WAIT, ("if-none-match", "*")], None),
    ],
)
def test_answers_at_once(
    importer_api: ApiClient,
    path: str,
    lines: list[tuple[str, str]],
    applied: str | None,
) -> None:
    async def test() -> None:
        async with running_application() as application:
            channel, task = get(application, importer_api, path, *lines)
            await task
            assert application._watcher._waiters == {}

        assert channel.answer_headers.get("preference-applied") == applied

    run(test())


def test_checks_the_token_again(importer_api: ApiClient) -> None:
    async def test() -> None:
        async with running_application() as application:
            channel, task = await waiting(application, importer_api)
            await in_thread(AuthToken.objects.all().delete)
            await in_thread(ImportOperationFactory.create)
            await task

        assert channel.status == 401

    run(test())


def test_counts_a_held_request_once(
    importer_api: ApiClient, settings: Settings
) -> None:
    settings.RATE_LIMIT = "3/60s"

    async def test() -> None:
        async with running_application() as application:
            channel, task = await waiting(application, importer_api)  # two calls
            await in_thread(ImportOperationFactory.create)
            await task
            assert channel.status == 200
            assert channel.answer_headers["x-ratelimit-remaining"] == "1"

            channel, task = get(application, importer_api, LATEST)
            await task
            assert channel.answer_headers["x-ratelimit-remaining"] == "0"

    run(test())


def test_equal_requests_run_once_for_a_change(
    importer_api: ApiClient,
    admin_api: ApiClient,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.RATE_LIMIT = "100/60s"
    runs: list[str] = []
    respond = RsgiApplication._respond

    def counted(self: RsgiApplication, environ: Any, channel: Any) -> Any:
        runs.append(environ.get("HTTP_X_USER_ID", ""))
        return respond(self, environ, channel)

    async def test() -> None:
        async with running_application() as application:
            equal = [await waiting(application, importer_api) for _ in range(5)]
            other = await waiting(application, admin_api)
            monkeypatch.setattr(RsgiApplication, "_respond", counted)
            await in_thread(ImportOperationFactory.create)
            await asyncio.gather(*(task for _channel, task in [*equal, other]))

        users = [client.headers["X-User-Id"] for client in (importer_api, admin_api)]
        assert sorted(runs) == sorted(users)
        assert [channel.status for channel, _task in equal] == [200] * 5
        left = [one.answer_headers["x-ratelimit-remaining"] for one, _task in equal]
        assert len(set(left)) == 5

    run(test())


@pytest.mark.parametrize(
    ("setting", "status"), [("WAITING_PER_USER", 429), ("WAITING_PER_PROCESS", 503)]
)
def test_limits_waiting_requests(
    importer_api: ApiClient, admin_api: ApiClient, settings: Settings, setting: str,
    status: int,
) -> None:  # fmt: skip
    setattr(settings, setting, 1)

    async def test() -> None:
        async with running_application() as application:
            _first, task = await waiting(application, importer_api)
            second, refused = await waiting(application, importer_api)
            await refused
            other, others_task = await waiting(application, admin_api)
            is_shared = setting == "WAITING_PER_PROCESS"
            assert others_task.done() == is_shared

            await in_thread(ImportOperationFactory.create)
            await asyncio.gather(task, others_task)

        assert (second.status, second.answer_headers["retry-after"]) == (status, "10")
        assert orjson.loads(second.body)["success"] is False
        assert other.status == (503 if is_shared else 200)
        assert not application._holds._places._taken

    run(test())


def test_a_disconnection_ends_the_wait(importer_api: ApiClient) -> None:
    async def test() -> None:
        async with running_application() as application:
            channel, task = await waiting(application, importer_api)
            channel.is_gone.set()
            await task

            assert channel.status == 0
            assert application._watcher._waiters == {}
            await until(lambda: application._watcher._task is None)

    run(test())


def test_a_stop_of_the_server_ends_all_waits(importer_api: ApiClient) -> None:
    async def test() -> None:
        async with running_application() as application:
            requests = [await waiting(application, importer_api) for _ in range(3)]
            os.kill(os.getpid(), signal.SIGTERM)
            await asyncio.gather(*(task for _channel, task in requests))

        assert [channel.status for channel, _task in requests] == [304] * 3

    run(test())


def test_waiting_requests_occupy_no_thread(importer_api: ApiClient) -> None:
    async def test() -> None:
        async with running_application() as application:
            requests = [
                await waiting(application, importer_api) for _ in range(2 * THREADS)
            ]
            channel = Channel()
            await application.__rsgi__(
                Request(header_lines=[("host", "localhost")]), channel
            )
            assert channel.status == 200
            application._watcher.stop_waiting()
            await asyncio.gather(*(task for _channel, task in requests))

    run(test())


def test_waits_while_the_database_is_unavailable(
    importer_api: ApiClient,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("config.server.watching._AFTER_ERROR_SECONDS", 0)
    read, failures = versions.read_versions, iter(range(2))

    def fail_twice(topics: frozenset[str]) -> Any:
        if next(failures, None) is not None:
            msg = "the database is unavailable"
            raise OSError(msg)
        return read(topics)

    async def test() -> None:
        async with running_application() as application:
            application._watcher._read = fail_twice
            channel, task = await waiting(application, importer_api)
            await in_thread(ImportOperationFactory.create)
            await task

        assert channel.status == 200

    run(test())
    assert "the database is unavailable" in caplog.text


def test_a_reading_takes_one_query_for_each_kind_of_topic(
    db: None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    topics = {versions.OPERATIONS}
    for operation in ImportOperationFactory.create_batch(3):
        topics |= {f"operation {operation.pk}", f"files {operation.pk}"}

    with django_assert_num_queries(3):
        versions.read_versions(frozenset(topics))
