"""Files with usernames for commands."""

from __future__ import annotations

from pathlib import Path

from django.core.management import CommandError


def read_usernames(path: Path | None) -> frozenset[str]:
    """Return the usernames in a file, one per line; empty without a file."""
    if path is None:
        return frozenset()
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        msg = f"The file {path} can't be read: {error}."
        raise CommandError(msg) from error
    return frozenset(line.strip() for line in lines if line.strip())
