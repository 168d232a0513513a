"""Pages of the static archive; the browser tests open them."""

from __future__ import annotations

import os
import tempfile
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from zipfile import ZipFile

import orjson
import pytest
from hypothesis import HealthCheck, given, settings

from imports_app.exporters.html import room_pages
from imports_app.exporters.html.archive import HtmlExporter
from imports_app.exporters.html.files import name_in_archive
from imports_app.exporters.html.search import SearchIndex, file_of
from imports_app.exporters.parts import Limits
from imports_app.exporters.records import ExportedMessage, ExportedRoom
from imports_app.records import RoomType
from tests.imports_app.exporters.test_strict_reader import (
    START,
    USERS,
    MemoryWorkspace,
    workspaces,
)

EXAMPLES = int(os.environ.get("EXPORT_EXAMPLES", "12"))
ALONE = frozenset({"meta", "link", "img", "input"})
ALLOWED = ALONE | {
    *("html", "head", "title", "body", "a", "header", "nav", "ol", "ul", "li", "main"),
    *("h1", "h2", "footer", "p", "span", "article", "section", "div", "b", "time"),
    *("strong", "em", "s", "code", "pre", "blockquote", "figure", "figcaption"),
    *("script", "form", "label", "button", "noscript"),
}


class Page(HTMLParser):
    """Strict reader of a page: known and closed elements only."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.messages = 0
        self.ids: list[str] = []
        self.targets: list[str] = []
        self.feed(content)
        assert self.open == []
        assert len(set(self.ids)) == len(self.ids)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ALLOWED
        values = dict(attrs)
        assert not any(name.startswith("on") or name == "style" for name in values)
        assert tag != "script" or values["src"] == "assets/search.js"
        self.messages += tag == "article"
        if key := values.get("id"):
            self.ids.append(key)
        for name in ("href", "src"):
            if address := values.get(name):
                self.targets.append(address)
        if tag not in ALONE:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def read(workspace: MemoryWorkspace) -> dict[str, bytes]:
    """Return the files of an archive."""
    with tempfile.TemporaryDirectory() as folder:
        HtmlExporter(Path(folder), workspace, Limits()).export()
        assert [path.name for path in Path(folder).iterdir()] == ["archive.zip"]
        with ZipFile(Path(folder) / "archive.zip") as archive:
            return {name: archive.read(name) for name in archive.namelist()}


@settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
@given(workspace=workspaces())
def test_every_message_is_on_one_page(workspace: MemoryWorkspace) -> None:
    files = read(workspace)

    pages = {
        name: Page(content.decode())
        for name, content in files.items()
        if name.endswith(".html")
    }
    expected = sum(len(list(workspace.messages(room))) for room in workspace.rooms())
    assert sum(page.messages for page in pages.values()) == expected
    for name, page in pages.items():
        for target in page.targets:
            if not target.startswith(("http://", "https://")):
                path, _mark, key = target.partition("#")
                found = os.path.normpath(Path(name).parent / path) if path else name
                assert found in files
                assert not key or key in pages.get(found, page).ids or key == "main"
    for name, content in files.items():
        if name.startswith("search/messages-"):
            start, end = content.index(b"["), content.rindex(b"]") + 1
            for address, *_texts in orjson.loads(content[start:end]):
                path, _mark, key = address.partition("#")
                assert key in pages[path].ids
    assert read(workspace) == files


def test_long_threads_and_days_have_several_pages(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(room_pages, "_MOST", 2)
    workspace = _workspace_with_a_thread(5)

    files = read(workspace)

    pages = {
        Path(name).name: Page(content.decode())
        for name, content in files.items()
        if name.startswith("rooms/")
    }
    assert {name: page.messages for name, page in pages.items()} == {
        "index.html": 0,
        "2024-03-01.html": 2,
        "2024-03-01-2.html": 2,
        "2024-03-01-3.html": 2,
    }


def _workspace_with_a_thread(replies: int) -> MemoryWorkspace:
    day = START - timedelta(hours=12)
    room = ExportedRoom(id="r", type=RoomType.PUBLIC, name="r", created_at=day)
    first = ExportedMessage(
        import_id="m", author=USERS[0].id, sent_at=day, text="first", replies=replies
    )
    others = [
        ExportedMessage(
            import_id=f"m{number}",
            author=USERS[1].id,
            sent_at=day + timedelta(days=number),
            text="reply",
            thread="m",
        )
        for number in range(1, replies + 1)
    ]
    return MemoryWorkspace([room], {"r": [first, *others]})


@pytest.mark.parametrize(
    ("name", "head", "expected"),
    [
        ("plan.pdf", b"%PDF", "plan.pdf"),
        ("page.HTML", b"x", "page.HTML.txt"),
        ("logo.svg", b"x", "logo.svg.txt"),
        ("photo.jpg", b"\xef\xbb\xbf \n<html>", "photo.jpg.txt"),
        ("photo", b"\xff\xfe<\0h\0", "photo.txt"),
        ("notes.txt", b"<b>", "notes.txt"),
        ("../../etc/passwd", b"root", "_.._etc_passwd"),
        ("", b"", "file"),
    ],
    ids=range(8),
)
def test_files_that_browsers_run_become_texts(
    name: str, head: bytes, expected: str
) -> None:
    assert name_in_archive(name, head) == expected


def test_words_are_found_by_their_first_characters(tmp_path: Path) -> None:
    written: dict[str, bytes] = {}

    def write(name: str, content: list[bytes]) -> None:
        written[name] = content[0]

    index = SearchIndex(tmp_path, write)
    for text in ("plan", "Plane", "other", "PLAN"):
        index.add("page", text, room="r", author="", time="")
    index.finish()

    assert list(tmp_path.iterdir()) == []
    content = written[f"search/words-{file_of('plan')}.js"]
    found = orjson.loads(content[content.index(b"{") : content.rindex(b"}") + 1])
    assert found == {"plan": [0, 3], "plane": [1]}
