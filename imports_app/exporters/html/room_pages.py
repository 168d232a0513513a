"""Pages of a room: its days, in pages of limited size, and their list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Final

from imports_app.exporters.html.pages import Link, count_of, neighbours, page
from imports_app.exporters.html.search import SearchIndex
from imports_app.exporters.html.spool import SpooledMessage
from imports_app.exporters.parts import PartWriter

_MOST: Final = 200
"""Messages of a page, with replies."""
_ROOT: Final = "../../"


class _Page:
    """Messages of a page, and how the next page begins."""

    def __init__(self, name: str, day: str, number: int) -> None:
        self.name = name
        self.title = day if number == 1 else f"{day}, page {number}"
        self.parts: list[str] = []
        self.messages = 0


class RoomPages:
    """Writer of a room's pages.

    Args:
        folder: Folder of the room in the archive.
        title: Title of the room.
        part: The archive.
        index: Receives the messages for the search.
    """

    def __init__(
        self, folder: str, title: str, part: PartWriter, index: SearchIndex
    ) -> None:
        self.folder = folder
        self._title = title
        self._part = part
        self._index = index
        self._days: list[str] = []
        """Entries of the list of days."""

    def write(self, messages: Iterable[tuple[SpooledMessage, bool]]) -> None:
        """Write the pages of all days.

        Args:
            messages: The messages, each with whether it is a reply. First messages
                are in the order of time, and their replies follow.
        """
        before: _Page | None = None
        current: _Page | None = None
        for after in self._pages(messages):
            if current is not None:
                self._write_page(current, before, after)
            before, current = current, after
        if current is not None:
            self._write_page(current, before, None)

    def write_index(self, about: list[str]) -> None:
        """Write the first page of the room, which lists the days.

        Args:
            about: Description of the room, as HTML.
        """
        days = self._days or ["<li>No messages.</li>\n"]
        body = [*about, '<h2>Days</h2>\n<ul class="list">\n', *days, "</ul>\n"]
        content = page(self._title, body, root=_ROOT)
        self._part.write(f"{self.folder}/index.html", [content.encode()])

    def _pages(
        self, messages: Iterable[tuple[SpooledMessage, bool]]
    ) -> Iterator[_Page]:
        for day, said in groupby(_with_day(messages), key=lambda one: one[0]):
            number = 1
            total = 0
            current = _Page(f"{day}.html", day, number)
            is_in_thread = False
            for _day, message, is_reply in said:
                if current.messages >= _MOST:
                    _set_thread(current, is_in_thread, is_open=False)
                    yield current
                    number += 1
                    current = _Page(f"{day}-{number}.html", day, number)
                    is_in_thread = False
                _set_thread(current, is_in_thread, is_open=is_reply)
                is_in_thread = is_reply
                current.parts.append(message.html)
                current.messages += 1
                total += 1
                self._index.add(
                    f"{self.folder}/{current.name}#m{message.number}",
                    message.text,
                    room=self._title,
                    author=message.author,
                    time=message.time,
                )
            _set_thread(current, is_in_thread, is_open=False)
            yield current
            self._days.append(
                f'<li><a href="{day}.html">{day}</a>'
                f' <span class="note">{count_of(total, "message")}</span></li>\n'
            )

    def _write_page(
        self, current: _Page, before: _Page | None, after: _Page | None
    ) -> None:
        links = neighbours(_link_to(before), _link_to(after))
        content = page(
            f"{self._title}, {current.title}",
            [*current.parts, links],
            root=_ROOT,
            trail=[Link("index.html", self._title)],
        )
        self._part.write(f"{self.folder}/{current.name}", [content.encode()])


def _link_to(page: _Page | None) -> Link | None:
    return None if page is None else Link(page.name, page.title)


def _with_day(
    messages: Iterable[tuple[SpooledMessage, bool]],
) -> Iterator[tuple[str, SpooledMessage, bool]]:
    """Yield the messages with the day of their page: that of the thread."""
    day = ""
    for message, is_reply in messages:
        if not is_reply:
            day = message.day
        yield day, message, is_reply


def _set_thread(current: _Page, is_in_thread: bool, *, is_open: bool) -> None:
    """Begin or end the replies of a thread."""
    if is_open and not is_in_thread:
        current.parts.append('<section class="replies" aria-label="Replies">\n')
    elif is_in_thread and not is_open:
        current.parts.append("</section>\n")
