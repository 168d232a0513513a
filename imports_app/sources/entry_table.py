"""Table of the files of an archive, compact for hundreds of thousands of them."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """File in an archive."""

    name: str
    """Path with `/`, without a top folder that contains all files."""
    size: int
    """Unpacked bytes."""
    place: int
    """Offset of its directory record."""


class EntryTable:
    """Files in the order of the archive.

    Columns of names and numbers take less than half the memory of the entries, which
    are created on access.
    """

    def __init__(self) -> None:
        self._names: list[str] = []
        self._sizes = array("Q")
        self._places = array("Q")

    def add(self, name: str, size: int, place: int) -> None:
        """Add a file."""
        self._names.append(name)
        self._sizes.append(size)
        self._places.append(place)

    def __len__(self) -> int:
        return len(self._names)

    def __iter__(self) -> Iterator[Entry]:
        return map(Entry, self._names, self._sizes, self._places)

    @property
    def total_size(self) -> int:
        """Unpacked bytes of all files."""
        return sum(self._sizes)

    def cut_names(self, length: int) -> None:
        """Remove the first characters of every name."""
        for index, name in enumerate(self._names):
            self._names[index] = name[length:]

    def filtered(self, condition: Callable[[Entry], bool]) -> EntryTable:
        """Return the files that match a condition."""
        wanted = EntryTable()
        for entry in filter(condition, self):
            wanted.add(entry.name, entry.size, entry.place)
        return wanted
