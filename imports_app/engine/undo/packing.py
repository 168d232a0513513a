"""Compact form of journal pages: sorted keys, fingerprints, previous values."""

from __future__ import annotations

import sys
import zlib
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import accumulate, pairwise
from typing import Any, Final, TypeAlias

import orjson
from django.db.models import Model

_LEVEL: Final = 1
"""The fastest compression."""
_FINGERPRINT_BYTES: Final = 8


@dataclass(frozen=True, slots=True)
class Change:
    """Change of a row: previous and new values of the changed columns."""

    before: dict[str, Any]
    after: dict[str, Any]


@dataclass(frozen=True, slots=True)
class StoredValue:
    """Previous value of a column, and a fingerprint of the new value."""

    before: Any
    """In the form of JSON: a datetime is a text."""
    fingerprint: str


StoredChange: TypeAlias = dict[str, StoredValue]
"""Change of a row in the format of the journal, by column."""


def pack_keys(keys: Sequence[int]) -> bytes:
    """Pack sorted, distinct keys; consecutive keys need no bytes."""
    if not keys or keys[-1] - keys[0] == len(keys) - 1:
        return b""
    steps = array("Q", [after - before for before, after in pairwise(keys)])
    return zlib.compress(_little_endian(steps).tobytes(), _LEVEL)


def unpack_keys(first: int, rows: int, packed: bytes) -> Sequence[int]:
    """Return the keys of a page."""
    if not packed:
        return range(first, first + rows)
    steps = array("Q")
    steps.frombytes(zlib.decompress(packed))
    return list(accumulate(_little_endian(steps), initial=first))


def fingerprint_of(value: Any) -> str:
    """Return a digest of a value, the same for equal values in any database."""
    text = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    return blake2b(text, digest_size=_FINGERPRINT_BYTES).hexdigest()


def column_value(row: Model, name: str) -> Any:
    """Return a column's value in the type in which the database returns it."""
    field: Any = row._meta.get_field(name)
    return field.to_python(getattr(row, name))


def stored_change(change: Change) -> StoredChange:
    """Return a change in the format of the journal."""
    return {
        name: StoredValue(value, fingerprint_of(change.after[name]))
        for name, value in change.before.items()
    }


def pack_changes(changes: Sequence[StoredChange]) -> bytes:
    """Pack changes, in the order of the keys."""
    return pack_list(
        [
            {name: (one.before, one.fingerprint) for name, one in change.items()}
            for change in changes
        ]
    )


def unpack_changes(packed: bytes) -> list[StoredChange]:
    """Return the changes of a page, in the order of the keys."""
    return [
        {name: StoredValue(*value) for name, value in change.items()}
        for change in unpack_list(packed)
    ]


def pack_list(values: Sequence[Any]) -> bytes:
    """Pack values that JSON supports."""
    return zlib.compress(orjson.dumps(values), _LEVEL)


def unpack_list(packed: bytes) -> list[Any]:
    """Return packed values."""
    values: list[Any] = orjson.loads(zlib.decompress(packed))
    return values


def _little_endian(numbers: array[int]) -> array[int]:
    """Return numbers in the byte order of the journal, or in that of this machine."""
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
