"""Database outage during a run."""

from __future__ import annotations

import os
import pwd
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import LiteralString

import psycopg
import pytest

from tests.archives.csv_archives import Plan, write_csv_archive
from tests.live import ROOT, free_port, manage, wait_for

PLAN = Plan(users=50, messages=30_000)


@dataclass
class Postgres:
    """PostgreSQL server that tests can stop and start."""

    programs: Path
    folder: Path
    port: int

    @property
    def url(self) -> str:
        """The address of its database."""
        return f"postgres://postgres@127.0.0.1:{self.port}/postgres"

    def initialize(self) -> None:
        """Make its files."""
        self._run("initdb", "-D", self._data, "-U", "postgres", "--auth=trust")

    def start(self) -> None:
        """Start it."""
        options = f"-p {self.port} -h 127.0.0.1 -k ''"
        log = str(self.folder / "log")
        self._run("pg_ctl", "-D", self._data, "-w", "-l", log, "-o", options, "start")

    def stop(self) -> None:
        """End it at once, in the middle of whatever it does."""
        self._run("pg_ctl", "-D", self._data, "-m", "immediate", "stop")

    @property
    def _data(self) -> str:
        return str(self.folder / "data")

    def _run(self, program: str, *arguments: str) -> None:
        """Run a program; PostgreSQL's refuse to be run by root."""
        subprocess.run(
            [str(self.programs / program), *arguments],
            cwd=self.folder,
            check=True,
            stdout=subprocess.DEVNULL,
            user="postgres" if os.getuid() == 0 else None,
        )


@pytest.fixture
def postgres() -> Iterator[Postgres]:
    """Separate PostgreSQL server, in a folder that its user can access."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    assert found, "install postgresql"
    with TemporaryDirectory() as folder:
        if os.getuid() == 0:
            os.chown(folder, pwd.getpwnam("postgres").pw_uid, -1)
        server = Postgres(found[-1].parent, Path(folder), free_port())
        server.initialize()
        server.start()
        try:
            yield server
        finally:
            with suppress(subprocess.CalledProcessError):
                server.stop()


def test_run_resumes_after_a_database_outage(
    postgres: Postgres, tmp_path: Path
) -> None:
    path = tmp_path / "team.zip"
    expectation = write_csv_archive(path, PLAN)
    environment = {
        **os.environ,
        "DATABASE_URL": postgres.url,
        "DATA_DIR": str(tmp_path),
        "SECRET_KEY": "only for this test",
    }

    def command(*arguments: str) -> None:
        subprocess.run(
            manage(*arguments),
            cwd=ROOT,
            env=environment,
            check=True,
            stdout=subprocess.DEVNULL,
        )

    def ask(sql: LiteralString) -> int:
        with psycopg.connect(postgres.url) as connection:
            [(answer,)] = connection.execute(sql).fetchall()
            return int(answer)

    command("migrate", "-v0")
    command("seed_demo")
    command("import_file", str(path), "--importer", "csv", "--all")
    worker = subprocess.Popen(
        manage("worker"),
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    count_messages = "SELECT count(*) FROM imports_app_message"
    count_done = (
        "SELECT count(*) FROM imports_app_importoperation"
        " WHERE is_valid AND status = 'importer_done'"
    )
    try:
        wait_for(lambda: ask(count_messages) > 0)
        postgres.stop()
        with pytest.raises(subprocess.TimeoutExpired):
            worker.wait(timeout=2)
        postgres.start()
        wait_for(lambda: ask(count_done) == 1)
    finally:
        worker.kill()
        worker.wait()

    assert ask(count_messages) == sum(expectation.counts.values())
    assert ask("SELECT sum(skipped) FROM imports_app_kindcount") == 1
    assert ask("SELECT sum(failed) FROM imports_app_kindcount") == len(
        expectation.failures
    )
