"""Sets of millions of keys in little memory."""

from __future__ import annotations

from array import array
from typing import Final

_BITS: Final = 16
_BLOCK: Final = 1 << (_BITS - 3)
"""Bytes of a block, with a bit for each key."""
_MASK: Final = (1 << _BITS) - 1
_PARTITIONS: Final = 16


class KeySet:
    """Set of primary keys, with one bit per key, because most keys are consecutive."""

    def __init__(self) -> None:
        self._blocks: dict[int, bytearray] = {}

    def add(self, key: int) -> bool:
        """Add a key; return whether it was missing."""
        block = self._blocks.get(key >> _BITS)
        if block is None:
            block = self._blocks[key >> _BITS] = bytearray(_BLOCK)
        place, bit = (key & _MASK) >> 3, 1 << (key & 7)
        if block[place] & bit:
            return False
        block[place] |= bit
        return True

    def __contains__(self, key: int) -> bool:
        block = self._blocks.get(key >> _BITS)
        return block is not None and bool(block[(key & _MASK) >> 3] & 1 << (key & 7))


class DistinctTexts:
    """Number of distinct texts, from hashes of 8 bytes."""

    def __init__(self) -> None:
        self._hashes = array("q")

    def add(self, text: str) -> None:
        """Add a text."""
        self._hashes.append(hash(text))

    def __len__(self) -> int:
        return sum(
            len({one for one in self._hashes if one % _PARTITIONS == partition})
            for partition in range(_PARTITIONS)
        )
