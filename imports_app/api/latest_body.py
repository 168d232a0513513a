"""The body of getLatestImportOperations, kept until one of its operations changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import orjson

from imports_app.api import wire
from imports_app.api.latest_operations import latest_operations, version_of
from imports_app.statuses import RUNNING


@dataclass(frozen=True, slots=True)
class LatestBody:
    """The encoded list, and the version of the operations that it shows."""

    version: str | None
    content: bytes
    is_running: bool

    _kept: ClassVar[LatestBody | None] = None

    @classmethod
    def of_version(cls, version: str | None) -> LatestBody:
        """Return the body of a version that was just read, or a newer one.

        Nothing expires by time: the version names every operation and its revision, so
        that a kept body is either what would be encoded now, or not used.

        Args:
            version: What the credentials' statement found; `None` if there is no
                operation.
        """
        kept = cls._kept
        if kept is None or kept.version != version or version is None:
            kept = cls._kept = cls._read()
        return kept

    @classmethod
    def forget(cls) -> None:
        """Drop the kept body, as after the database was exchanged."""
        cls._kept = None

    @classmethod
    def _read(cls) -> LatestBody:
        operations = latest_operations()
        return cls(
            version_of(operations),
            orjson.dumps([wire.operation(operation) for operation in operations]),
            any(row.is_valid and row.status in RUNNING for row in operations),
        )
