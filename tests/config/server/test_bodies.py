"""Receiving of bodies: small, large, slow, too large and with a full disk."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import os
from pathlib import Path

import pytest

from config.server import bodies
from config.server.bodies import (
    Body,
    BodyStorageError,
    BodyTooLargeError,
    BodyTooSlowError,
    uploads_folder,
)
from tests.config.server.rsgi import Channel

LARGE = [bytes([number]) * 100_000 for number in range(10)]


def receive(channel: Channel, limit: int = 10**7, idle_seconds: float = 30.0) -> Body:
    """Return a received body."""
    body = Body()
    try:
        asyncio.run(body.receive(channel, limit=limit, idle_seconds=idle_seconds))
    except Exception:
        body.close()
        raise
    return body


def test_keeps_a_small_body_in_memory() -> None:
    body = receive(Channel([b"one", b"two"]))

    assert body.stream.read() == b"onetwo"
    assert not body.is_in_file
    assert not uploads_folder().exists()
    with pytest.raises(ValueError, match="not in a file"):
        body.take_file()


def test_keeps_a_large_body_in_a_private_file() -> None:
    body = receive(Channel(LARGE))

    [stored] = uploads_folder().iterdir()
    assert stored.stat().st_mode & 0o077 == 0
    assert uploads_folder().stat().st_mode & 0o077 == 0
    assert body.stream.read() == b"".join(LARGE)
    body.close()
    assert not stored.exists()


def test_transfers_the_file_to_the_caller() -> None:
    body = receive(Channel(LARGE))

    stored = body.take_file()
    body.close()

    assert stored.path.read_bytes() == b"".join(LARGE)
    assert stored.size == 1_000_000
    assert stored.digest == hashlib.sha256(b"".join(LARGE)).hexdigest()


def test_stops_reading_at_the_limit() -> None:
    channel = Channel(LARGE)

    with pytest.raises(BodyTooLargeError):
        receive(channel, limit=450_000)

    assert channel.received == 5
    assert list(uploads_folder().iterdir()) == []


@pytest.mark.parametrize("parts", [[], [b"{"], LARGE])
def test_ends_when_a_client_stops_sending(parts: list[bytes]) -> None:
    with pytest.raises(BodyTooSlowError):
        receive(Channel(parts, stalls=True), idle_seconds=0.05)


def test_ends_when_a_client_sends_too_slowly(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seconds = itertools.count()
    monkeypatch.setattr(bodies, "monotonic", lambda: next(seconds))
    channel = Channel([b"x" * 900] * 1000)

    with pytest.raises(BodyTooSlowError):
        receive(channel, idle_seconds=10)

    assert 80 < channel.received < 100  # each is 0.1 s late, of ten


def test_reports_a_full_disk_and_leaves_no_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(BodyStorageError):
        receive(Channel(LARGE))

    assert list(Path(uploads_folder()).iterdir()) == []
