"""Temporary databases, beside the one of DATABASE_URL or else in SQLite files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from tests.migrated import copy_migrated


@contextmanager
def temporary_database(folder: Path, name: str) -> Iterator[str]:
    """Create an empty database, yield its DATABASE_URL, and remove it."""
    given = os.environ.get("DATABASE_URL", "")
    if not given.startswith(("postgres:", "postgresql:")):
        file = folder / f"{name}.sqlite3"
        copy_migrated(file)
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
