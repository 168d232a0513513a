"""The files of an archive, of which there may be hundreds of thousands."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """A file in an archive."""

    name: str
    """With `/` between its parts, and without the one folder that holds everything."""
    size: int
    """Bytes, unpacked."""
    place: int
    """Where its record is in the archive."""


class EntryTable:
    """Files in the order of the archive.

    Columns of names and numbers take less than half the memory of the entries, which
    exist while somebody looks at them.
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
        """The bytes of all files, unpacked."""
        return sum(self._sizes)

    def cut_names(self, length: int) -> None:
        """Leave out the first characters of every name."""
        for index, name in enumerate(self._names):
            self._names[index] = name[length:]

    def only(self, is_wanted: Callable[[Entry], bool]) -> EntryTable:
        """Return the files that are wanted."""
        wanted = EntryTable()
        for entry in filter(is_wanted, self):
            wanted.add(entry.name, entry.size, entry.place)
        return wanted
