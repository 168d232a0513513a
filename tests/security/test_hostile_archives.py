"""Hostile archives fail with a clear error, fast, in little memory, without traces."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from pytest_django import Settings

from accounts.models import User
from imports_app.engine.jobs import prepare
from imports_app.services.runs import start_preparing
from imports_app.services.uploading.uploads import upload_file
from imports_app.statuses import Status
from imports_app.transitions import Actor
from imports_app.uploads.storage import spool_path, upload_path
from tests.machine import slowness
from tests.security.crafted_zip import Part, crafted
from tests.security.hostile_files import FILES, Hostile
from tests.security.hostile_workbooks import WORKBOOKS

ALL = [*FILES, *WORKBOOKS]
SECONDS = 2.0
WORKER_BYTES = 256_000_000


@pytest.mark.parametrize("hostile", ALL, ids=lambda hostile: hostile.name)
def test_hostile_file_is_refused_or_read(
    hostile: Hostile, importer_user: User, settings: Settings, tmp_path: Path
) -> None:
    settings.DATA_DIR = tmp_path / "data"
    settings.DATA_DIR.mkdir()
    content = hostile.make()
    actor = Actor(importer_user)
    started = time.process_time()

    operation = upload_file(
        actor=actor,
        importer_key=hostile.importer,
        file_name="export.zip",
        content_type="application/zip",
        content=[content],
        limit=10**9,
    )
    start_preparing(operation=operation, actor=actor)
    prepare(operation.pk)

    seconds = time.process_time() - started
    operation.refresh_from_db()
    assert operation.error_code == hostile.code
    if hostile.code:
        assert operation.error_message.endswith(".")
    else:
        assert operation.status == Status.USER_SELECTION
    assert seconds < SECONDS or seconds < SECONDS * slowness()
    stored = files_in(tmp_path) - {spool_path(operation)}
    assert stored == {upload_path(operation)}


def files_in(folder: Path) -> set[Path]:
    """Return every file below a folder, but the reserve of the worker."""
    found = {path for path in folder.rglob("*") if not path.is_dir()}
    return {path for path in found if path.name != "reserve"}


def rooms_with_folders(number: int) -> Iterator[Part]:
    """Yield the parts of an export with as many rooms, each with a folder of a day."""
    names = [f"room-{one:06}" for one in range(number)]
    rooms = [{"id": f"C{one:08}", "name": name} for one, name in enumerate(names)]
    yield Part(b"users.json", b"[]")
    yield Part(b"channels.json", orjson.dumps(rooms))
    for name in names:
        yield Part(f"{name}/2024-01-01.json".encode(), b"[]", 0)


def test_all_hostile_files_stay_below_the_memory_of_a_worker(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    for number, hostile in enumerate(ALL):
        (folder / f"{hostile.importer}-{number:03}").write_bytes(hostile.make())
    most = [Part(f"{number:06}.csv".encode(), b"", 0) for number in range(65_535)]
    (folder / "csv-999").write_bytes(crafted(*most))
    # Without ZIP64, writers cut the number of entries to 16 bits.
    rooms = list(rooms_with_folders(200_000))
    archive = crafted(*rooms, count=len(rooms) & 0xFFFF)
    (folder / "slack-999").write_bytes(archive)

    command = [sys.executable, "-m", "tests.security.read_hostile_files", str(folder)]
    environment = {**os.environ, "DATA_DIR": str(tmp_path)}
    done = subprocess.run(
        command,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=240,
    )

    assert int(done.stdout) * 1024 < WORKER_BYTES
