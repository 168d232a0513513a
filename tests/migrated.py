"""Copies of an empty, migrated SQLite database.

The migrations take 4 seconds of processor time. They run once for each version of the
code; the result is kept in pytest's cache and copied.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Final

_ROOT: Final = Path(__file__).parents[1]
_CACHE: Final = _ROOT / ".pytest_cache" / "d" / "migrated"
KEY: Final = "only for this test"
"""Secret key of servers and databases; it signs the activity log."""
_SOURCES: Final = ("accounts", "config", "imports_app")
"""Models and signal receivers decide the rows that follow migrations."""


def copy_migrated(target: Path) -> None:
    """Create a migrated database at this path."""
    template = _CACHE / f"{_version()}.sqlite3"
    if not template.exists():
        _migrate(template)
    shutil.copyfile(template, target)


@cache
def _version() -> str:
    """Return a digest of the code and of the packages' versions."""
    digest = hashlib.sha256((_ROOT / "requirements.lock").read_bytes())
    for folder in _SOURCES:
        for path in sorted((_ROOT / folder).rglob("*.py")):
            digest.update(str(path.relative_to(_ROOT)).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:32]


def _migrate(template: Path) -> None:
    _CACHE.mkdir(parents=True, exist_ok=True)
    for outdated in set(_CACHE.glob("*.sqlite3")) - {template}:
        outdated.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(dir=_CACHE) as folder:
        path = Path(folder) / "db.sqlite3"
        settings = {
            "DATABASE_URL": f"sqlite:///{path}",
            "DATA_DIR": folder,
            "SECRET_KEY": KEY,
        }
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "-v0"],
            cwd=_ROOT,
            env={**os.environ, **settings},
            check=True,
        )
        with sqlite3.connect(path) as database:  # all of it into the one file
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.close()
        path.replace(template)  # at once, whoever else makes the same
