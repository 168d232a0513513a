"""Mirror of the imports of connected servers."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.services.activity import COMMAND_LINE
from config.processes import this_process
from imports_app.engine.servers import mirror
from imports_app.engine.servers.clients import rocketchat_client
from imports_app.engine.servers.mirror import ensure_polls, poll_server
from imports_app.engine.servers.poller import ServerPoller
from imports_app.models import ImportOperation, MirrorGap, Server, ServerPoll
from imports_app.services.outgoing.servers import save_server
from tests.fakes.rocketchat import Answer, FakeRocketChat, serving
from tests.imports_app.engine.servers.sources import demo_source
from tests.live import wait_for

pytestmark = pytest.mark.django_db

LIST = "getLatestImportOperations"
START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def fake(settings: Settings) -> Iterator[FakeRocketChat]:
    settings.SERVER_ALLOWED_HOSTS = ["127.0.0.1"]
    with serving(FakeRocketChat()) as fake:
        yield fake


@pytest.fixture
def server(fake: FakeRocketChat) -> Server:
    return save_server(
        Server(name="team", base_address=fake.url, user_id=fake.admin.id),
        token=fake.token,
        by=COMMAND_LINE,
    )


def poll(server: Server) -> ServerPoll:
    """Poll a server now, and return the new state."""
    ensure_polls()
    ServerPoll.objects.update(due_at=timezone.now())
    assert poll_server(server.pk)
    return ServerPoll.objects.get(pk=server.pk)


def listed(number: int, minute: int = 0, **values: Any) -> dict[str, Any]:
    """Return an operation as a server lists it."""
    return {
        "_id": f"operation{number}",
        "type": "CSV",
        "importerKey": "csv",
        "ts": 1_767_225_600_000 + number,
        "status": "importer_done",
        "valid": True,
        "user": "rocket",
        "_updatedAt": (START + timedelta(minutes=minute or number)).isoformat(),
        **values,
    }


def answer(*documents: Any) -> Answer:
    return Answer(200, json.dumps(documents).encode())


def test_keeps_all_operations_of_a_live_server(
    tmp_path: Path, settings: Settings
) -> None:
    with demo_source(tmp_path) as source:
        settings.SERVER_ALLOWED_HOSTS = [source.host]
        server = save_server(
            Server(name="b", base_address=source.url, user_id=source.user_id),
            token=source.token,
            by=COMMAND_LINE,
        )
        begun = [source.begin_import() for _number in range(10)]
        first = poll(server)
        begun += [source.begin_import() for _number in range(15)]
        second = poll(server)
        unchanged = poll(server)

    kept = dict(server.operations.values_list("public_id", "is_valid"))
    assert set(begun) <= set(kept)
    assert [key for key in begun if kept[key]] == [begun[-1]]
    assert (first.error, second.error, unchanged.error) == ("", "", "")
    assert first.etag not in {"", second.etag}
    assert unchanged.etag == second.etag
    assert not MirrorGap.objects.exists()
    assert not ImportOperation.objects.exists()


def test_records_a_gap(fake: FakeRocketChat, server: Server) -> None:
    fake.answers[LIST] = [
        answer(listed(1)),
        answer(*[listed(number) for number in range(2, 22)]),
        answer(*[listed(number) for number in range(30, 50)]),
    ]

    poll(server)
    poll(server)
    [first] = MirrorGap.objects.all()
    poll(server)

    assert first.after == START + timedelta(minutes=1)
    assert first.before == START + timedelta(minutes=2)
    assert MirrorGap.objects.count() == 2
    assert server.operations.count() == 41


def test_observed_changes_are_a_timeline(fake: FakeRocketChat, server: Server) -> None:
    fake.answers[LIST] = [
        answer(listed(1, 1, status="importer_importing_users")),
        answer(listed(1, 3, status="importer_done", count={"total": 9})),
        answer(listed(1, 2, status="importer_importing_messages")),  # late
    ]
    fake.begin("csv", status="importer_importing_users")

    first = poll(server)
    [operation] = server.operations.all()
    assert (first.is_active, operation.is_running) == (True, True)
    assert first.due_at < timezone.now() + timedelta(seconds=6)
    last = poll(server)
    poll(server)

    operation.refresh_from_db()
    assert (operation.status, operation.count_total) == ("importer_done", 9)
    assert [one.status for one in operation.changes.all()] == [
        "importer_importing_users",
        "importer_done",
    ]
    assert last.due_at > timezone.now() + timedelta(seconds=30)


def test_the_progress_of_the_import_is_read(
    fake: FakeRocketChat, server: Server
) -> None:
    fake.polls = 5
    fake.begin(
        "csv",
        status="importer_importing_users",
        count={"total": 10, "completed": 4, "error": 0},
    )
    progress = {"count": {"total": 10, "completed": 7, "error": 2}}
    fake.answers["getImportProgress"] = [Answer(200, json.dumps(progress).encode())]

    poll(server)

    [operation] = server.operations.all()
    assert (operation.count_completed, operation.count_error) == (7, 2)


def test_failures_back_off_to_ten_minutes_and_are_shown(
    fake: FakeRocketChat, server: Server
) -> None:
    fake.answers[LIST] = [Answer(502) for _number in range(6)]
    pauses = []
    for _number in range(6):
        state = poll(server)
        pauses.append(round((state.due_at - timezone.now()).total_seconds(), -1))

    assert pauses == [120, 240, 480, 600, 600, 600]
    assert (state.failures, state.error_code) == (6, "remote-unreachable")
    assert "502" in state.error
    recovered = poll(server)
    assert (recovered.failures, recovered.error) == (0, "")
    assert recovered.polled_at is not None


def test_two_workers_never_poll_at_once(fake: FakeRocketChat, server: Server) -> None:
    ensure_polls()
    attempts: list[bool] = []

    def second(*args: Any, **kwargs: Any) -> Any:
        attempts.append(poll_server(server.pk))
        return rocketchat_client(*args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(f"{mirror.__name__}.rocketchat_client", second)
        assert poll_server(server.pk)

    assert attempts == [False]
    assert fake.calls.count(LIST) == 1


def test_a_late_result_is_not_stored(fake: FakeRocketChat, server: Server) -> None:
    ensure_polls()
    fake.begin("csv")

    def overtaken(*args: Any, **kwargs: Any) -> Any:
        ServerPoll.objects.update(claim=7, claimed_by="another")
        return rocketchat_client(*args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(f"{mirror.__name__}.rocketchat_client", overtaken)
        poll_server(server.pk)

    assert not server.operations.exists()
    assert ServerPoll.objects.get().claimed_by == "another"


def test_a_result_of_an_earlier_address_is_not_stored(
    fake: FakeRocketChat, server: Server
) -> None:
    ensure_polls()
    fake.begin("csv")

    def changed(*args: Any, **kwargs: Any) -> Any:
        client = rocketchat_client(*args, **kwargs)
        moved = Server.objects.get(pk=server.pk)
        moved.base_address = f"{fake.url}/elsewhere"
        save_server(moved, token="x", by=COMMAND_LINE)
        return client

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(f"{mirror.__name__}.rocketchat_client", changed)
        poll_server(server.pk)

    assert not server.operations.exists()
    assert ServerPoll.objects.get().etag == ""


def test_the_poll_of_an_ended_process_is_repeated(server: Server) -> None:
    ensure_polls()
    later = timezone.now() + timedelta(minutes=2)
    host = this_process().partition(":")[0]
    ServerPoll.objects.update(claimed_by=f"{host}:999999999:1", due_at=later)

    ensure_polls()

    assert ServerPoll.objects.due(timezone.now()).exists()


def test_disabled_servers_are_not_polled(fake: FakeRocketChat, server: Server) -> None:
    server.is_enabled = False
    save_server(server, by=COMMAND_LINE)
    ensure_polls()

    assert not poll_server(server.pk)
    assert fake.calls == []


@pytest.mark.parametrize(
    "document",
    [
        pytest.param({"_id": "5f0c0c0c0c0c0c0c0c0c0c0c"}, id="mongo-id"),
        pytest.param({"ts": "2026-01-01T00:00:00.000Z"}, id="iso"),
        pytest.param({"ts": {"$date": 1_767_225_600_000}}, id="extended-json"),
        pytest.param({"status": "importer_of_the_future"}, id="status"),
        pytest.param({"more": {"a": ["\0\ud800", 1e308]}}, id="texts"),
        pytest.param({"more": "x" * 1_000_000}, id="large"),
        pytest.param({"file": "x" * 10_000}, id="long-name"),
        pytest.param({"count": {"total": 2**70, "completed": -1}}, id="counts"),
        pytest.param({"_updatedAt": None}, id="no-version"),
    ],
)
def test_unusual_documents_are_kept(
    fake: FakeRocketChat, server: Server, document: dict[str, Any]
) -> None:
    fake.answers[LIST] = [answer({**listed(1), **document})]

    assert poll(server).error == ""

    [operation] = server.operations.all()
    assert operation.count_total is None
    assert len(json.dumps(operation.document)) < 30_000


@pytest.mark.parametrize(
    "document",
    [
        pytest.param({"_id": 5}, id="number"),
        pytest.param({"_id": "x" * 100}, id="long"),
        pytest.param({"_id": "../../x"}, id="path"),
        pytest.param({"status": None}, id="status"),
        pytest.param({"ts": 1e300, "_updatedAt": "soon"}, id="times"),
    ],
)
def test_documents_without_identity_are_ignored(
    fake: FakeRocketChat, server: Server, document: dict[str, Any]
) -> None:
    fake.answers[LIST] = [answer({**listed(1), **document}, listed(2))]

    assert poll(server).error == ""
    assert [one.public_id for one in server.operations.all()] == ["operation2"]


def test_a_server_cannot_fill_the_mirror(
    fake: FakeRocketChat, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mirror, "MOST_OPERATIONS", 3)
    fake.answers[LIST] = [answer(*[listed(number) for number in range(9, 0, -1)])]

    state = poll(server)

    fake.answers[LIST] = [answer(*[listed(number) for number in range(30, 50)])]
    poll(server)

    assert server.operations.count() == 3
    assert state.error_code == "mirror-full"
    assert not MirrorGap.objects.exists()


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_the_threads_of_a_worker_poll_due_servers(
    fake: FakeRocketChat, server: Server
) -> None:
    dead = save_server(
        Server(name="dead", base_address=f"{fake.url}/nothing", user_id="x"),
        token="x",
        by=COMMAND_LINE,
    )
    fake.begin("csv")

    with ServerPoller():
        wait_for(lambda: server.operations.exists())
        wait_for(lambda: ServerPoll.objects.filter(pk=dead.pk, failures=1).exists())

    wait_for(
        lambda: ServerPoller.thread not in {one.name for one in threading.enumerate()}
    )
