"""Cache of the encoded body of getLatestImportOperations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import orjson

from imports_app.api import wire
from imports_app.api.latest_operations import latest_operations, version_of
from imports_app.statuses import RUNNING


@dataclass(frozen=True, slots=True)
class LatestBody:
    """The encoded list and the version of its operations."""

    version: str | None
    content: bytes
    is_running: bool

    _cached: ClassVar[LatestBody | None] = None

    @classmethod
    def of_version(cls, version: str | None) -> LatestBody:
        """Return the body of this version, or a newer one.

        The cache needs no expiry: the version contains every operation and its
        revision, so a cached body with the same version is always current.

        Args:
            version: The version that was read with the credentials; `None` without
                operations.
        """
        cached = cls._cached
        if cached is None or cached.version != version or version is None:
            cached = cls._cached = cls._read()
        return cached

    @classmethod
    def forget(cls) -> None:
        """Clear the cache, for example after the database was replaced."""
        cls._cached = None

    @classmethod
    def _read(cls) -> LatestBody:
        operations = latest_operations()
        return cls(
            version_of(operations),
            orjson.dumps([wire.operation(operation) for operation in operations]),
            any(row.is_valid and row.status in RUNNING for row in operations),
        )
