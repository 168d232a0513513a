"""Helpers that create sealed activity log entries."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, TypeAlias

from accounts.models import ActivityEntry
from accounts.services.activity import Author, record_change

Commit: TypeAlias = Callable[..., AbstractContextManager[Any]]
"""The fixture `django_capture_on_commit_callbacks`."""

AUTHOR = Author(None, "192.0.2.1", "ada")


def write_entries(commit: Commit, number: int, *, start: int = 1) -> None:
    """Write entries named role-1, role-2, ..., and seal them as a commit does."""
    for index in range(start, start + number):
        with commit(execute=True):
            record_change(
                ActivityEntry.Subject.ROLE,
                f"role-{index}",
                by=AUTHOR,
                before={"permissions": ["run-import"]},
                after={"permissions": []},
            )
