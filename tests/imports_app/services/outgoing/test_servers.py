"""Connected servers: tokens, addresses and checks."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from accounts.models import ActivityEntry
from accounts.services.activity import COMMAND_LINE
from config.errors import DomainError
from imports_app.engine.servers.clients import rocketchat_client
from imports_app.models import Server
from imports_app.services.outgoing.checks import check_server
from imports_app.services.outgoing.servers import (
    check_base_address,
    delete_server,
    find_server,
    save_server,
)
from tests.fakes.rocketchat import Answer, FakeRocketChat, serving

pytestmark = pytest.mark.django_db


@pytest.fixture
def fake(settings: Settings) -> Iterator[FakeRocketChat]:
    settings.SERVER_ALLOWED_HOSTS = ["127.0.0.1"]
    with serving(FakeRocketChat()) as fake:
        yield fake


def connect(fake: FakeRocketChat) -> Server:
    server = Server(name="team", base_address=fake.url, user_id=fake.admin.id)
    return save_server(server, token=fake.token, by=COMMAND_LINE)


def test_the_token_is_encrypted_and_not_logged(fake: FakeRocketChat) -> None:
    server = connect(fake)

    assert fake.token not in server.token
    assert rocketchat_client(server).me()["username"] == "root"
    entries = list(ActivityEntry.objects.filter(subject="server").values())
    assert len(entries) == 1
    assert fake.token not in str(entries)
    assert server.token not in str(entries)


def test_another_address_needs_the_token_again(fake: FakeRocketChat) -> None:
    server = connect(fake)
    stored = server.token
    server.base_address = f"{fake.url}/elsewhere"

    with pytest.raises(DomainError, match="Enter the token again"):
        save_server(server, by=COMMAND_LINE)

    server = find_server("team")
    server.is_enabled = False
    save_server(server, by=COMMAND_LINE)
    assert find_server("team").token == stored


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.2/",
        "https://name:secret@127.0.0.1/",
        "https://127.0.0.1/?a=b",
        "https://127.0.0.1/#",
        "ftp://127.0.0.1/",
        "",
    ],
)
def test_refuses_an_address(settings: Settings, address: str) -> None:
    settings.SERVER_ALLOWED_HOSTS = ["127.0.0.1"]

    with pytest.raises(DomainError) as caught:
        check_base_address(address)

    assert caught.value.code == "error-invalid-server-address"
    assert "secret" not in caught.value.message


def test_a_check_finds_what_works_without_an_import(fake: FakeRocketChat) -> None:
    server = connect(fake)

    result = check_server(server)

    assert {one.level for one in result.findings} == {"ok"}
    assert (server.version, server.has_problems) == ("8.2.1", False)
    assert fake.operations == []
    assert fake.token not in json.dumps(server.findings)


def test_a_check_says_what_is_missing_and_what_to_do(fake: FakeRocketChat) -> None:
    server = connect(fake)
    fake.body_limit = 1_000_000
    refused = Answer(403, b'{"success": false, "error": "unauthorized"}')
    fake.answers["getLatestImportOperations"] = [refused]
    out = io.StringIO()

    with pytest.raises(CommandError, match="not ready"):
        call_command("check_server", "team", stdout=out)

    server.refresh_from_db()
    found = {one["code"]: one for one in server.findings if one["level"] != "ok"}
    assert set(found) == {"view-import-operations", "upload"}
    assert "Grant it" in found["view-import-operations"]["advice"]
    assert "client_max_body_size" in out.getvalue()


def test_a_check_survives_a_lost_upload(fake: FakeRocketChat) -> None:
    server = connect(fake)
    fake.answers["uploadImportFile"] = [Answer(504)]

    found = {one.code: one for one in check_server(server).findings}

    assert found["upload"].level == "warning"
    assert "smaller parts" in found["upload"].advice
    assert not server.has_problems


def test_a_check_of_a_dead_server_is_one_finding(fake: FakeRocketChat) -> None:
    server = connect(fake)
    fake.answers["info"] = [Answer(502)]

    [finding] = check_server(server).findings

    assert (finding.level, finding.code) == ("error", "address")
    assert "502" in finding.text


def test_a_deleted_server_is_logged(fake: FakeRocketChat) -> None:
    delete_server(connect(fake), by=COMMAND_LINE)

    assert not Server.objects.exists()
    assert ActivityEntry.objects.filter(subject="server", action="deleted").count() == 1
    with pytest.raises(DomainError, match="no connected server 'team'"):
        find_server("team")


def test_commands_read_the_token_from_standard_input(
    fake: FakeRocketChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{fake.token}\n"))
    out = io.StringIO()

    call_command("add_server", "team", fake.url, "--user-id", fake.admin.id, stdout=out)
    call_command("check_server", "team", stdout=out)
    call_command("list_servers", stdout=out)

    assert "Rocket.Chat 8.2.1" in out.getvalue()
    assert fake.url in out.getvalue()
    assert fake.token not in out.getvalue()
