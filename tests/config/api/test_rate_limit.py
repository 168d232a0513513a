"""Opening of the rate limit's file by several processes."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from config.api.rate_limit import CallCounter, Rate

RATE = Rate(10, 3600)


def test_waits_for_a_file_that_another_process_creates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "calls.sqlite3"
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("CREATE TABLE something (x)")
    other.execute("BEGIN IMMEDIATE")
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        other.rollback()

    monkeypatch.setattr("config.api.rate_limit.time.sleep", pause)

    assert CallCounter(path).count("somebody", RATE).remaining == 9
    assert len(pauses) == 1
    other.close()


def test_does_not_wait_for_an_invalid_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr("config.api.rate_limit.time.sleep")

    with pytest.raises(sqlite3.OperationalError, match="unable to open"):
        CallCounter(tmp_path / "missing" / "calls.sqlite3").count("somebody", RATE)
