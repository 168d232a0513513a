"""Fault tests are slow and use real processes: run them with `make test-faults`."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from tests.live import free_port, wait_for

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Add the marker to all tests of this folder."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("faults")


@pytest.fixture
def redis_url() -> Iterator[str]:
    """Separate Redis server."""
    program = shutil.which("redis-server")
    assert program, "install redis-server"
    port = free_port()
    process = subprocess.Popen(
        [program, "--port", str(port), "--bind", "127.0.0.1", "--save", ""],
        stdout=subprocess.DEVNULL,
    )
    url = f"redis://127.0.0.1:{port}/0"
    try:
        with redis.Redis.from_url(url) as client:
            wait_for(lambda: answers(client))
        yield url
    finally:
        process.kill()
        process.wait()


def answers(client: redis.Redis) -> bool:
    """Return whether Redis is running."""
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False
