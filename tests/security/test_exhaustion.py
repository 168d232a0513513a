"""Expensive responses for cheap requests, and permissions of the server's files."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from drf_spectacular.generators import SchemaGenerator

from tests.conftest import ApiClient
from tests.factories import UserFactory
from tests.live import free_port, running_server
from tests.security.conftest import Attacks
from tests.security.live import Server, status_of


def test_lists_are_limited(admin_api: ApiClient, attacks: Attacks) -> None:
    UserFactory.create_batch(150, roles=["user"])

    for count in ("0", "100000", "101", "00"):
        for call in ("users.list?", "roles.getUsersInRole?role=user&"):
            answer = admin_api.get(f"{call}count={count}")
            rows = answer.json().get("users", [])
            attacks.record(f"{call}{count}", got_through=len(rows) > 100)


def test_the_description_is_generated_once(
    anonymous_api: ApiClient, monkeypatch: pytest.MonkeyPatch, db: None
) -> None:
    first = anonymous_api.get("/api/schema/", headers={"Accept": "application/json"})
    monkeypatch.delattr(SchemaGenerator, "get_schema")
    started = time.process_time()

    for number in range(20):
        again = anonymous_api.get(
            f"/api/schema/?{number}=1", headers={"Accept": "application/json"}
        )
        assert again.content == first.content

    assert time.process_time() - started < 1


def test_probes_do_not_load_the_database(client: Client, db: None) -> None:
    started = time.monotonic()

    with CaptureQueriesContext(connection) as captured:
        for _ in range(200):
            client.get("/readyz")

    seconds = int(time.monotonic() - started) + 2
    assert 0 < len(captured) <= 5 * seconds


def test_files_of_a_running_server_are_private(
    tmp_path: Path, attacks: Attacks
) -> None:
    data = tmp_path / "data"
    data.mkdir(mode=0o755)
    with running_server(data, port := free_port(), "--workers", "1", demo=True):
        server = Server(port, data)
        assert status_of(server.get("/healthz")) == 200
        server.close()
        written = [data, *data.rglob("*")]
        for path in written:
            if path.name != "log":  # the test's own
                is_open = bool(path.stat().st_mode & 0o077)
                attacks.record(str(path.relative_to(data)), got_through=is_open)
