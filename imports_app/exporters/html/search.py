"""Search index of a static archive, in scripts that a page loads on demand.

Pages that are opened from a disk can't fetch data, but they can load scripts. Words are
stored in files by their first two characters, which supports prefix searches; messages
are stored in files by their number (`assets/search.js`).
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import orjson

from imports_app.search.tokenizer import words_of

WORD_FILES: Final = 256
"""Number of files of words; also in `assets/search.js`."""
MESSAGES: Final = 500
"""Messages in a file; also in `assets/search.js`."""
_MOST_BUFFERED: Final = 400_000
"""Words in memory."""
_LONGEST_EXCERPT: Final = 240

Write = Callable[[str, list[bytes]], None]
"""Writes a file of the archive: its name and content."""


class SearchIndex:
    """Writer of the index, with the words on disk until the end.

    Args:
        folder: An empty folder for temporary files.
        write: Writes a file of the archive.
    """

    def __init__(self, folder: Path, write: Write) -> None:
        self._folder = folder
        self._write = write
        self._found: defaultdict[str, array[int]] = defaultdict(_numbers)
        """Numbers of messages by word that are not written yet."""
        self._buffered = 0
        self._messages: list[tuple[str, ...]] = []
        """Messages of the current file."""
        self._number = 0

    def add(
        self, address: str, text: str, *, room: str, author: str, time: str
    ) -> None:
        """Add a message, in the order of results.

        Args:
            address: Address of the message in the archive.
            text: Its text.
            room: Title of its room.
            author: Name of its author.
            time: Its time, as text.
        """
        words = words_of(f"{text} {author}")
        for word in words:
            self._found[word].append(self._number)
        self._buffered += len(words)
        if self._buffered >= _MOST_BUFFERED:
            self._flush()
        excerpt = text[:_LONGEST_EXCERPT]
        self._messages.append((address, room, author, time, excerpt))
        self._number += 1
        if len(self._messages) == MESSAGES:
            self._write_messages()

    def finish(self) -> None:
        """Write the rest of the index."""
        if self._messages:
            self._write_messages()
        self._flush()
        for number in range(WORD_FILES):
            found: defaultdict[str, array[int]] = defaultdict(_numbers)
            for word, *messages in map(str.split, self._lines(number)):
                found[word].extend(map(int, messages))
            index = {word: _steps(found[word]) for word in sorted(found)}
            self._write(f"search/words-{number}.js", [_call("words", number, index)])

    def _write_messages(self) -> None:
        number = (self._number - 1) // MESSAGES
        name = f"search/messages-{number}.js"
        self._write(name, [_call("messages", number, self._messages)])
        self._messages = []

    def _flush(self) -> None:
        lines: defaultdict[int, list[str]] = defaultdict(list)
        for word, messages in self._found.items():
            lines[file_of(word)].append(f"{word} {' '.join(map(str, messages))}\n")
        for number, some in lines.items():
            with self._path(number).open("a", encoding="utf-8") as file:
                file.writelines(some)
        self._found.clear()
        self._buffered = 0

    def _lines(self, number: int) -> Iterator[str]:
        path = self._path(number)
        if path.exists():
            with path.open(encoding="utf-8") as file:
                yield from file
            path.unlink()

    def _path(self, number: int) -> Path:
        return self._folder / str(number)


def _numbers() -> array[int]:
    return array("I")


def file_of(word: str) -> int:
    """Return the number of the file of a word, by its first two characters."""
    second = ord(word[1]) if len(word) > 1 else 0
    return (ord(word[0]) * 31 + second) % WORD_FILES


def _steps(numbers: array[int]) -> list[int]:
    """Return ascending numbers as the first number and the differences."""
    return [numbers[0], *(after - before for before, after in pairwise(numbers))]


def _call(name: str, number: int, value: Any) -> bytes:
    """Return a script that passes a value to the page."""
    return b"archive.%b(%d, %b);\n" % (name.encode(), number, orjson.dumps(value))
