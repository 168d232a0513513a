"""Temporary databases, beside the one of DATABASE_URL or else in SQLite files."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from tests.live import ROOT


def _migrated(folder: Path) -> Path:
    """Return a migrated SQLite file, which is created once per folder."""
    path = folder / "migrated.sqlite3"
    if not path.exists():
        settings = {
            "DATABASE_URL": f"sqlite:///{path}",
            "DATA_DIR": str(folder),
            "SECRET_KEY": "only for this benchmark",
        }
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "-v0"],
            cwd=ROOT,
            env={**os.environ, **settings},
            check=True,
        )
        with sqlite3.connect(path) as database:  # all of it into the one file
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


@contextmanager
def temporary_database(folder: Path, name: str) -> Iterator[str]:
    """Create an empty database, yield its DATABASE_URL, and remove it."""
    given = os.environ.get("DATABASE_URL", "")
    if not given.startswith(("postgres:", "postgresql:")):
        file = folder / f"{name}.sqlite3"
        shutil.copyfile(_migrated(folder), file)
        yield f"sqlite:///{file}"
        return
    unique = sql.Identifier(f"bench_{os.getpid()}_{name}")
    with psycopg.connect(given, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(unique))
        try:
            path = f"/bench_{os.getpid()}_{name}"
            yield urlsplit(given)._replace(path=path).geturl()
        finally:
            drop = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(unique)
            server.execute(drop)
