"""The static archive, opened from a disk."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from zipfile import ZipFile

import pytest
from playwright.sync_api import Browser, Page, expect

from imports_app.exporters.base import FileMode
from imports_app.exporters.html.archive import HtmlExporter
from imports_app.exporters.parts import Limits
from imports_app.exporters.records import (
    ExportedFile,
    ExportedMessage,
    ExportedRoom,
    ExportedUser,
)
from imports_app.records import RoomType
from tests.browser.accessibility import assert_accessible, assert_fits
from tests.browser.screens import DESKTOP, PHONE, Scheme, Screen
from tests.browser.watching import Watch
from tests.imports_app.exporters.files import MemoryFiles, stored

START = datetime(2024, 3, 1, 9, tzinfo=UTC)
RUN = "document.title = 'hack' + 'ed'"
HOSTILE = (
    f"<script>{RUN}</script>",
    f'<img src=x onerror="{RUN}">',
    f'"><svg onload="{RUN}">',
    f"[click](javascript:{RUN})",
    "<style>body { display: none }</style>",
    "https://tracker.example/x.png",
    "![image](https://tracker.example/x.png)",
    "</script></title></main>",
    "\u202egnp.exe\u2028\u2029",
    "${7*7} {{7*7}} %s {0}",
)
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d"
    "49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)
AVATAR = stored("avatar", PIXEL)
PICTURE = stored("picture.png", PIXEL)
PLAN = stored("plan & draft #1, 50%.txt", b"the plan")
SCRIPT = stored("page.html", f"<script>{RUN}</script>".encode())
HIDDEN = stored("../../photo.jpg", f" <html><script>{RUN}</script>".encode())


class HostileWorkspace(MemoryFiles):
    """Workspace whose names and texts try to run scripts."""

    id = "TMEMORY"

    def users(self) -> Iterator[ExportedUser]:
        yield ExportedUser(id="ann", username="ann", name="Ann Lee", avatar=AVATAR)
        for number, text in enumerate(HOSTILE):
            yield ExportedUser(id=f"u{number}", username=text, name=text)

    def rooms(self) -> Iterator[ExportedRoom]:
        yield _room("general", RoomType.PUBLIC, "general", "All & sundry")
        for number, text in enumerate(HOSTILE):
            yield _room(f"r{number}", RoomType.PRIVATE, text, text)
        yield _room("direct", RoomType.DIRECT, "", "")

    def messages(self, room: ExportedRoom) -> Iterator[ExportedMessage]:
        if room.id == "general":
            yield from _conversation()
        elif room.id == "direct":
            yield _message(1, "Between two")
        else:
            text = HOSTILE[int(room.id[1:])]
            yield _message(
                1,
                text,
                author=room.id.replace("r", "u"),
                extras={
                    "alias": text,
                    "reactions": {text: [text]},
                    "attachments": [{"title": text, "title_link": text, "text": text}],
                },
                files=(ExportedFile(id="F1", name=text, url=text, source_id="1"),),
            )


def _conversation() -> Iterator[ExportedMessage]:
    yield _message(1, "Who has the *plan*?", replies=2)
    yield _message(2, "Another day", days=1)
    yield _message(3, "Here it is", thread="m1", files=(PLAN, PICTURE))
    yield _message(4, "東京タワー Straße", days=1)
    yield _message(
        5, "Thanks", thread="m1", days=1, extras={"reactions": {":tada:": ["ann"]}}
    )
    yield _message(6, "Files", days=1, files=(SCRIPT, HIDDEN))
    for number in range(7, 500):
        yield _message(number, f"Message number{number}", days=2)


def _room(key: str, kind: RoomType, name: str, topic: str) -> ExportedRoom:
    return ExportedRoom(
        id=key,
        type=kind,
        name=name,
        created_at=START,
        topic=topic,
        members=("ann", "u1"),
    )


def _message(
    number: int, text: str, *, days: int = 0, author: str = "ann", **values: Any
) -> ExportedMessage:
    sent_at = START + timedelta(days=days, minutes=number)
    return ExportedMessage(
        import_id=f"m{number}", author=author, sent_at=sent_at, text=text, **values
    )


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unpacked archive."""
    folder = tmp_path_factory.mktemp("html")
    HtmlExporter(folder, HostileWorkspace(), Limits(), files=FileMode.CONTENT).export()
    with ZipFile(folder / "archive.zip") as packed:
        assert all(".." not in name.split("/") for name in packed.namelist())
        packed.extractall(folder / "archive")
    return folder / "archive"


@pytest.fixture
def watch() -> Iterator[Watch]:
    watch = Watch()
    yield watch
    assert watch.errors == []


def visit(
    chromium: Browser,
    archive: Path,
    watch: Watch,
    path: str = "index.html",
    *,
    screen: Screen = DESKTOP,
    scheme: Scheme = "light",
) -> Page:
    """Open a page from the disk; requests to other places are errors."""
    context = chromium.new_context(viewport=screen, color_scheme=scheme)
    watch.over(context, archive.as_uri())
    page = context.new_page()
    page.goto((archive / path).as_uri())
    return page


def test_people_read_rooms_threads_and_files(
    chromium: Browser, archive: Path, watch: Watch
) -> None:
    page = visit(chromium, archive, watch)
    page.get_by_role("link", name="#general").click()
    page.get_by_role("link", name="2024-03-01").click()

    replies = page.get_by_role("region", name="Replies")
    expect(replies.get_by_role("article")).to_have_count(2)
    expect(replies).to_contain_text("🎉")
    expect(page.get_by_role("article").first.locator("strong")).to_have_text("plan")
    picture = page.get_by_role("img", name="picture.png")
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)")
    plan = replies.get_by_role("link", name=PLAN.name).get_attribute("href")
    rooms = archive / "rooms" / "00001"
    assert plan
    assert (rooms / unquote(plan)).resolve().read_bytes() == b"the plan"

    page.get_by_role("link", name="→ 2024-03-02").click()
    expect(page.get_by_role("article")).to_have_count(3)
    page.get_by_role("link", name="→ 2024-03-03").click()
    expect(page.get_by_role("article")).to_have_count(200)
    page.get_by_role("link", name="→ 2024-03-03, page 2").click()
    expect(page.get_by_role("article").first).to_contain_text("number207")


def test_the_search_finds_every_message(
    chromium: Browser, archive: Path, watch: Watch
) -> None:
    page = visit(chromium, archive, watch)
    page.get_by_role("link", name="Search").click()
    found = page.get_by_role("main").get_by_role("listitem")
    for query, number in {
        "number499": 1,
        "NUMBER": 50,
        "ann number4": 50,
        "strasse": 1,
        "京タ": 1,
        "東": 1,
        "between": 1,
        "draft": 1,
        "alert-nothing": 0,
        "constructor": 0,
    }.items():
        page.get_by_label("Search messages").fill(query)
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_contain_text("message")
        expect(found).to_have_count(number)
    page.get_by_label("Search messages").fill("number")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("493 messages")
    page.get_by_role("button", name="Show more").click()
    expect(found).to_have_count(100)
    page.get_by_label("Search messages").fill("number300")
    page.keyboard.press("Enter")
    expect(found).to_have_count(1)

    found.get_by_role("link").click()

    expect(page.locator(":target")).to_contain_text("Message number300")


def test_nothing_of_the_content_runs(
    chromium: Browser, archive: Path, watch: Watch
) -> None:
    page = visit(chromium, archive, watch)
    context = page.context
    pages = sorted(archive.rglob("*.html"))
    assert len(pages) > 20
    for path in pages:
        page.goto(path.as_uri())
        assert "hacked" not in page.title()
        assert page.locator("script:not([src='assets/search.js'])").count() == 0
        assert page.locator("main style, main svg, [onerror], [onload]").count() == 0
        assert page.locator("a[href^='javascript:']").count() == 0
    page.goto((archive / "search.html").as_uri())
    page.get_by_label("Search messages").fill("script")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).not_to_have_text("0 messages")
    expect(page.get_by_role("main").get_by_role("listitem").first).to_be_visible()
    assert "hacked" not in page.title()
    for path in sorted((archive / "files").rglob("*.*")):
        other = context.new_page()
        other.goto(path.as_uri())
        assert "hacked" not in other.title()


@pytest.mark.parametrize(
    ("name", "screen", "scheme"),
    [
        ("index.html", PHONE, "dark"),
        ("search.html", DESKTOP, "light"),
        ("rooms/00001/2024-03-01.html", DESKTOP, "light"),
        ("rooms/00001/2024-03-01.html", PHONE, "dark"),
    ],
    ids=["rooms", "search", "day", "day on a phone"],
)
def test_pages_are_accessible(
    chromium: Browser, archive: Path, name: str, screen: Screen, scheme: Scheme
) -> None:
    context = chromium.new_context(
        viewport=screen,
        color_scheme=scheme,
        bypass_csp=True,  # for the scripts and styles of the check
    )
    page = context.new_page()
    page.goto((archive / name).as_uri())
    assert_fits(page)
    assert_accessible(page)
    context.close()


def test_the_search_is_used_by_keyboard(
    chromium: Browser, archive: Path, watch: Watch
) -> None:
    page = visit(chromium, archive, watch, "search.html")
    expect(page.get_by_label("Search messages")).to_be_focused()
    page.keyboard.type("number300")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("main").get_by_role("listitem")).to_have_count(1)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.locator(":target")).to_contain_text("number300")
