"""Cache of the encoded bodies of endpoints that clients poll."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar
from weakref import WeakSet

import orjson

from config.api.wire import JSONValue
from imports_app.api.operation_rows import OperationRow, version_of


@dataclass(frozen=True, slots=True)
class EncodedBody:
    """An encoded body and the version of its operations."""

    version: str | None
    content: bytes
    is_running: bool
    """Whether one of its operations is running."""


class CachedBody:
    """The last encoded body of an endpoint in this process.

    It needs no expiry: the version contains every operation and its revision, so a body
    with the same version is always current.
    """

    _all: ClassVar[WeakSet[CachedBody]] = WeakSet()

    def __init__(
        self,
        read: Callable[[], list[OperationRow]],
        document: Callable[[list[OperationRow]], JSONValue],
    ) -> None:
        self._read = read
        self._document = document
        self._cached: EncodedBody | None = None
        self._all.add(self)

    def of_version(self, version: str | None) -> EncodedBody:
        """Return the body of this version, or a newer one.

        Args:
            version: The version that was read with the credentials; `None` without
                operations.
        """
        cached = self._cached
        if cached is None or cached.version != version:
            cached = self._cached = self._encode()
        return cached

    @classmethod
    def forget_all(cls) -> None:
        """Clear all caches, for example after the database was replaced."""
        for body in cls._all:
            body._cached = None

    def _encode(self) -> EncodedBody:
        rows = self._read()
        return EncodedBody(
            version_of(rows),
            orjson.dumps(self._document(rows)),
            any(row.is_running for row in rows),
        )
