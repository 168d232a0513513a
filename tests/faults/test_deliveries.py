"""Deliveries to a second live server of this product."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django_tasks_db.models import DBTaskResult
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from accounts.auth.encryption import encrypt
from accounts.models import User
from accounts.services.activity import COMMAND_LINE
from config.files.stored_files import imported_files
from imports_app.demo import SEED_TOKEN, SEED_USER_ID
from imports_app.engine.deliveries.lease import DeliveryLease
from imports_app.engine.deliveries.links import archive_link
from imports_app.engine.exports.files import avatar_file
from imports_app.engine.exports.links import linker
from imports_app.models import Delivery, MessageFile, Server
from imports_app.models.outgoing.servers import KEY_PURPOSE
from imports_app.services.outgoing.deliveries import start_delivery
from tests.archives.slack_archives import SlackPlan, write_slack_archive
from tests.archives.workspace import read_slack_rooms
from tests.conftest import api_client_of
from tests.factories import UserFactory
from tests.fakes.rocketchat import FakeRocketChat, serving
from tests.fakes.rocketchat_state import Account
from tests.faults.snapshots import wipe
from tests.imports_app.engine.test_deliveries import (
    deliver_all,
    new,
    person,
    server_of,
    take_turns,
    texts,
)
from tests.imports_app.engine.test_slack_import import import_slack
from tests.imports_app.exporters.test_files import CONTENT, attach
from tests.imports_app.exporters.test_slack_round_trip import Rooms, without_losses
from tests.live import ROOT, environment_of, free_port, manage, running_server
from tests.web import PNG
from tests.workspace import direct_room_of, room_of, say

READ = (
    "import json; from tests.archives.workspace import read_slack_rooms;"
    " print(json.dumps(read_slack_rooms()))"
)
READ_FILES = (
    "import json; from accounts.models import User; from imports_app.models import"
    " MessageFile; print(json.dumps([list(MessageFile.objects.filter(state='stored')"
    ".values_list('name', 'digest')), list(User.objects.exclude(avatar_name='')"
    ".values_list('username', flat=True))]))"
)
pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def printed_by(data: Path, port: int, code: str) -> Any:
    """Run code in another server's environment, and return the JSON that it prints."""
    printed = subprocess.run(
        manage("shell", "-v0", "-c", code),
        env=environment_of(data, port),
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return json.loads(printed)


def as_json(rooms: Rooms) -> Any:
    """Return the rooms in the same form, without reactions."""
    return json.loads(
        json.dumps(
            {
                name: (kind, members, [one._replace(reactions=()) for one in said])
                for name, (kind, members, said) in rooms.items()
            }
        )
    )


def test_a_slack_archive_arrives_in_a_second_server(
    live_server: LiveServer, tmp_path: Path, settings: Settings
) -> None:
    settings.SERVER_ALLOWED_HOSTS = ["127.0.0.1"]
    settings.BASE_URL = live_server.url.replace("localhost", "127.0.0.1")
    ada: User = UserFactory.create(username="ada", roles=["admin"])
    source = tmp_path / "source.zip"
    write_slack_archive(source, SlackPlan(messages=300))
    import_slack(api_client_of(ada), source)
    port, data = free_port(), tmp_path / "other"
    data.mkdir()
    allowed = {"RATE_LIMIT": "off", "DOWNLOAD_ALLOWED_HOSTS": "127.0.0.1"}
    with running_server(data, port, "--workers", "1", demo=True, **allowed):
        server = Server.objects.create(
            name="other",
            base_address=f"http://127.0.0.1:{port}",
            user_id=SEED_USER_ID,
            token=encrypt(SEED_TOKEN.encode(), KEY_PURPOSE),
        )
        first = deliver_all(server)
        meant = as_json(without_losses(read_slack_rooms()))
        arrived = printed_by(data, port, READ)
        ann = _person_with_file()
        again = deliver_all(server, has_files=True)
        files = printed_by(data, port, READ_FILES)

    outcomes = [(one.name, one.problem) for one in first.outcomes.all()]
    assert (first.state, first.error, first.problems) == ("completed", "", 0), outcomes
    assert len(meant) > 10
    assert arrived == meant
    events = list(again.events.values_list("text", flat=True))
    assert (again.state, again.problems) == ("completed", 0), events
    assert again.messages_total == 1
    assert files == [[["plan.txt", sha256(CONTENT).hexdigest()]], ["ann"]], events
    _assert_links_have_ended(again, ann)
    MessageFile.objects.all().delete()
    wipe(ada)


def _person_with_file() -> User:
    """Create a user with an avatar and a file in a new room."""
    ann = person("ann")
    ann.avatar_name = imported_files().save("picture", ContentFile(PNG))
    ann.save()
    [message] = say(room_of(ann, name="plans"), ann, "see the plan")
    attach(message, "plan.txt")
    return ann


def _assert_links_have_ended(delivery: Delivery, user: User) -> None:
    """Check that the avatar's link is not valid any more."""
    file = avatar_file(user.pk, user.public_id, user.avatar_name)
    assert file is not None
    path = urlsplit(linker(delivery.public_id)(file)).path
    assert Client().get(path).status_code == 404


def test_a_proxy_for_small_bodies_is_avoided_by_links(
    live_server: LiveServer, settings: Settings
) -> None:
    settings.SERVER_ALLOWED_HOSTS = ["127.0.0.1"]
    settings.BASE_URL = live_server.url.replace("localhost", "127.0.0.1")
    ann = person("ann")
    say(room_of(ann, name="news"), ann, "one")
    with serving(FakeRocketChat(body_limit=500, waits=0, polls=0)) as fake:
        delivery = deliver_all(server_of(fake))

    assert (delivery.state, delivery.problems) == ("completed", 0), delivery.error
    assert fake.calls.count("downloadPublicImportFile") == 1
    assert texts(fake.workspace.room("news")) == [("ann", "one")]
    part = delivery.parts.get()
    ended = urlsplit(archive_link(delivery.public_id, part.name)).path
    assert Client().get(ended).status_code == 404
    wipe(ann)


def test_kills_at_every_call_lose_and_double_nothing(settings: Settings) -> None:
    """The process is killed at each call, before its effect or before the answer."""
    settings.SERVER_ALLOWED_HOSTS = ["127.0.0.1"]
    ann, bo = person("ann"), person("bo")
    cy = UserFactory.create(username="cy")
    room = room_of(ann, bo, cy, name="news")
    say(room, ann, "one", "two")
    say(direct_room_of(ann, bo), bo, "psst")
    calls = len(_delivered_after_kill(None, is_lost=False).calls)

    for number in range(calls):
        fake = _delivered_after_kill(number, is_lost=number % 2 == 0)
        assert fake.replaced == []

    assert calls > 20
    wipe(ann)
    User.objects.filter(username__in=["bo", "cy"]).delete()


def _delivered_after_kill(number: int | None, *, is_lost: bool) -> FakeRocketChat:
    """Deliver with a kill at a call, check the result, and forget the delivery."""
    fake = FakeRocketChat(waits=0, polls=0)
    fake.workspace.accounts.append(Account("bo", emails=["bo@example.org"]))
    with serving(fake):
        server = server_of(fake)
        delivery = new(server)
        start_delivery(delivery, by=COMMAND_LINE)
        fake.calls.clear()
        connection.close()
        pid = _forked(delivery)

        def kill(_endpoint: str) -> None:
            if len(fake.calls) == number and not killed:
                killed.append(pid)
                os.kill(pid, signal.SIGKILL)
                if is_lost:
                    raise ConnectionAbortedError

        killed: list[int] = []
        fake.before_call = kill
        os.waitpid(pid, 0)
        DeliveryLease.release_due()
        take_turns(delivery)
    case = (number, fake.calls[number or 0], is_lost, fake.calls, delivery.error)
    assert (delivery.state, delivery.problems) == ("completed", 0), case
    assert bool(killed) == (number is not None)
    assert texts(fake.workspace.room("news")) == [("ann", "one"), ("ann", "two")], case
    names = sorted(one.username for one in fake.workspace.accounts)
    assert names == ["ann", "bo", "cy", "rocket.cat", "root"], case
    assert [one.count for one in fake.workspace.rooms if one.type == "d"] == [1], case
    DBTaskResult.objects.all().delete()
    delivery.delete()
    server.delete()
    return fake


def _forked(delivery: Delivery) -> int:
    """Deliver in another process, and return its ID."""
    pid = os.fork()
    if pid == 0:
        try:
            take_turns(delivery)
        finally:
            os._exit(0)
    return pid
