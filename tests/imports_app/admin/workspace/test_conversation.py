"""A room's history as a conversation: pages, threads, and all parts of a message."""

from __future__ import annotations

import re
import time
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from imports_app.admin.workspace import keyset
from imports_app.models import FileState, Message, MessageFile, Room
from tests.factories import RoleFactory, UserFactory
from tests.workspace import START, direct_room_of, room_of, say

pytestmark = pytest.mark.django_db

ADMIN = "/admin/imports_app"


@pytest.fixture
def ann() -> User:
    """Ann talks."""
    return UserFactory.create(username="ann", name="Ann Lee")


@pytest.fixture
def room(ann: User) -> Room:
    """A room with Ann in it."""
    return room_of(ann)


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have pages of four messages."""
    monkeypatch.setattr(keyset, "PAGE", 4)


def conversation(browser: Client, room: Room, query: str = "") -> str:
    """Return a page of a room's conversation."""
    path = f"{ADMIN}/room/{room.pk}/conversation/{query}"
    response = browser.get(path, follow=True)
    assert response.status_code == 200
    return str(response.content.decode())


def said(page: str) -> list[str]:
    """Return the texts of a page in their order."""
    return re.findall(r'<div class="said-text">(.*?)</div>', page, re.DOTALL)


def linked(page: str, word: str) -> str:
    """Return the query of the first link with this word."""
    match = re.search(rf'href="(\?[^"]*)"[^>]*>[^<]*{word}', page)
    assert match is not None, word
    return match[1].replace("&amp;", "&")


def test_is_where_the_list_of_rooms_leads(
    admin_browser: Client, ann: User, room: Room
) -> None:
    say(room, ann, "hello")

    rooms = admin_browser.get(f"{ADMIN}/room/").content.decode()

    assert f'href="{ADMIN}/room/{room.pk}/conversation/"' in rooms
    page = conversation(admin_browser, room)
    assert said(page) == ["hello"]
    assert f"{ADMIN}/room/{room.pk}/change/" in page


def test_begins_with_the_newest_and_pages_to_the_beginning_and_back(
    admin_browser: Client, ann: User, room: Room, small_pages: None
) -> None:
    say(room, ann, *(f"t{number}" for number in range(10)))

    newest = conversation(admin_browser, room)
    assert said(newest) == ["t6", "t7", "t8", "t9"]
    assert "Nothing newer" in newest
    earlier = conversation(admin_browser, room, linked(newest, "Earlier"))
    assert said(earlier) == ["t2", "t3", "t4", "t5"]
    first = conversation(admin_browser, room, linked(earlier, "Earlier"))
    assert said(first) == ["t0", "t1"]
    assert "This is the beginning" in first
    assert said(conversation(admin_browser, room, linked(first, "Later"))) == (
        said(earlier)
    )
    beginning = conversation(admin_browser, room, linked(newest, "beginning"))
    assert said(beginning) == ["t0", "t1", "t2", "t3"]
    assert said(conversation(admin_browser, room, linked(beginning, "Later"))) == (
        ["t4", "t5", "t6", "t7"]
    )


def test_messages_of_one_moment_are_neither_lost_nor_doubled(
    admin_browser: Client, ann: User, room: Room, small_pages: None
) -> None:
    say(room, ann, *(f"t{number}" for number in range(10)))
    Message.objects.update(sent_at=START)
    pages = [conversation(admin_browser, room)]
    while "Earlier" in pages[0]:
        query = linked(pages[0], "Earlier")
        pages.insert(0, conversation(admin_browser, room, query))

    assert [text for page in pages for text in said(page)] == [
        f"t{number}" for number in range(10)
    ]


def test_jumps_to_a_day(
    admin_browser: Client, ann: User, room: Room, small_pages: None
) -> None:
    messages = say(room, ann, *(f"t{number}" for number in range(6)))
    for days, message in enumerate(messages):
        Message.objects.filter(pk=message.pk).update(
            sent_at=START + timedelta(days=days)
        )

    page = conversation(admin_browser, room, "?date=2024-03-04")
    assert said(page) == ["t3", "t4", "t5"]
    assert "Monday, 4 March 2024" in page
    assert "Earlier" in page
    assert said(conversation(admin_browser, room, "?date=2030-01-01"))[-1] == "t5"
    assert said(conversation(admin_browser, room, "?date=1999-01-01"))[0] == "t0"


def test_a_link_to_a_message_shows_what_was_said_around_it(
    admin_browser: Client, ann: User, room: Room, small_pages: None
) -> None:
    messages = say(room, ann, *(f"t{number}" for number in range(9)))

    page = conversation(admin_browser, room, f"?around={messages[4].pk}")

    assert said(page) == ["t2", "t3", "t4", "t5", "t6"]
    assert page.count("focused") == 1
    assert re.search(rf'id="m{messages[4].pk}" class="[^"]*focused', page)
    assert "Earlier" in page
    assert "Later" in page


@pytest.mark.parametrize(
    "query", ["?around=1", "?before=99999999999999999", "?thread=5"]
)
def test_what_is_not_in_the_room_is_not_found(
    admin_browser: Client, ann: User, room: Room, query: str
) -> None:
    response = admin_browser.get(f"{ADMIN}/room/{room.pk}/conversation/{query}")

    assert response.status_code == 404


@pytest.mark.parametrize("query", ["?around=x", "?before=-1", "?date=soon", "?after="])
def test_an_address_that_makes_no_sense_shows_the_newest(
    admin_browser: Client, ann: User, room: Room, query: str
) -> None:
    say(room, ann, "hello")

    assert said(conversation(admin_browser, room, query)) == ["hello"]


def test_a_thread_is_folded_under_its_beginning(
    admin_browser: Client, ann: User, room: Room, small_pages: None
) -> None:
    (root,) = say(room, ann, "root")
    replies = say(room, ann, *(f"r{n}" for n in range(6)), thread=root.import_id)
    say(room, ann, "next")

    page = conversation(admin_browser, room)
    assert said(page) == ["root", "next"]
    assert "6 replies" in page
    thread = conversation(admin_browser, room, linked(page, "6 replies"))
    assert said(thread) == ["root", "r0", "r1", "r2", "r3"]
    later = conversation(admin_browser, room, linked(thread, "Later"))
    assert said(later) == ["root", "r4", "r5"]
    around = conversation(admin_browser, room, f"?around={replies[5].pk}")
    assert said(around) == ["root", "r3", "r4", "r5"]
    assert around.count("focused") == 1


def test_a_reply_without_its_beginning_stands_by_itself(
    admin_browser: Client, ann: User, room: Room
) -> None:
    (reply,) = say(room, ann, "so true", thread="gone")

    page = conversation(admin_browser, room)

    assert said(page) == ["so true"]
    assert "did not come in" in page
    assert "focused" in conversation(admin_browser, room, f"?around={reply.pk}")


def test_shows_edits_reactions_attachments_and_files(
    admin_browser: Client, ann: User, room: Room
) -> None:
    (message,) = say(
        room,
        ann,
        "*done*\n<script>alert(1)</script>",
        edited_at=START,
        extras={
            "editor": ann.public_id,
            "reactions": {":tada:<i>": ["bo", "<b>cy"]},
            "attachments": [
                {
                    "title": "Build <7>",
                    "title_link": "javascript:alert(1)",
                    "text": "*passed*",
                    "color": "red;} body{display:none",
                    "fields": [{"title": "Branch", "value": "<main>"}],
                    "image_url": "https://example.org/a.png",
                    "footer": "ci",
                }
            ],
        },
    )
    for state, name in ((FileState.STORED, "a.png"), (FileState.WAITING, "b.txt")):
        MessageFile.objects.create(
            room=room,
            message_import_id=message.import_id,
            source_id=name,
            name=name,
            content_type="image/png",
            size=2048,
            sent_at=START,
            state=state,
            stored_name="x" if state == FileState.STORED else "",
        )

    page = conversation(admin_browser, room)

    stored, waiting = MessageFile.objects.order_by("id")
    for part in (
        *("<strong>done</strong>\n&lt;script&gt;", "edited by ann", "Build &lt;7&gt;"),
        *("<strong>passed</strong>", "Branch", "&lt;main&gt;", "a.png"),
        *(":tada:&lt;i&gt; <b>2</b>", "bo, &lt;b&gt;cy", "to be fetched"),
        f"{ADMIN}/messagefile/{stored.pk}/download/",
        f"{ADMIN}/messagefile/{waiting.pk}/change/",
    ):
        assert part in page, part
    for part in ("<script>alert", "javascript:", "display:none", "<main>", "<b>cy"):
        assert part not in page, part


def test_events_are_quiet_lines(admin_browser: Client, ann: User, room: Room) -> None:
    say(room, ann, "", event="uj")
    say(room, ann, "<b>50%", event="room_changed_topic")
    say(room, ann, "what", event="something_new")

    page = conversation(admin_browser, room)

    assert said(page) == []
    for part in ("joined", "changed the topic: &lt;b&gt;50%", "something new"):
        assert part in page


def test_says_who_is_a_bot_or_deactivated_or_gone(
    admin_browser: Client, room: Room
) -> None:
    bot = UserFactory.create(username="robot", name="", kind="bot")
    off = UserFactory.create(username="off", name="Off", is_active=False)
    gone = UserFactory.create(username="gone")
    say(room, bot, "beep", extras={"alias": "deployer", "bot": True})
    say(room, off, "bye")
    say(room, gone, "boo")
    key = gone.public_id
    gone.delete()

    page = conversation(admin_browser, room)

    for part in ("deployer", "@robot", ">bot<", "deactivated", "account deleted", key):
        assert part in page


def test_a_long_text_is_cut_and_can_be_read_to_its_end(
    admin_browser: Client, ann: User, room: Room
) -> None:
    (message,) = say(room, ann, "x" * 20_000 + " end")
    path = f"{ADMIN}/message/{message.pk}/change/"

    page = conversation(admin_browser, room)

    assert " end<" not in page
    assert path in page
    assert " end<" in admin_browser.get(path).content.decode()


def test_a_text_too_long_for_a_page_can_be_downloaded(
    admin_browser: Client, plain_browser: Client, ann: User, room: Room
) -> None:
    (message,) = say(room, ann, "long " * 30_000 + "end")
    address = f"/admin/imports_app/message/{message.pk}/"

    page = admin_browser.get(f"{address}change/").content.decode()
    download = admin_browser.get(f"{address}text/")

    assert "Only the first 100,000 of 150,003 characters are shown." in page
    assert f'href="{address}text/"' in page
    assert "end<" not in page
    assert download.content.decode() == message.text
    assert download.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert "attachment" in download.headers["Content-Disposition"]
    assert plain_browser.get(f"{address}text/").status_code in {302, 403}
    assert admin_browser.get("/admin/imports_app/message/0/text/").status_code == 404


def test_accents_without_end_take_no_time(admin_browser: Client, ann: User) -> None:
    room = room_of(topic="a" + "\u0315\u0300" * 30_000)
    started = time.process_time()

    assert admin_browser.get("/admin/imports_app/room/").status_code == 200
    assert room.topic
    assert time.process_time() - started < 2


def test_direct_rooms_are_named_by_who_is_in_them(
    admin_browser: Client, ann: User
) -> None:
    room = direct_room_of(ann, UserFactory.create(username="bo"))

    assert "ann, bo" in admin_browser.get(f"{ADMIN}/room/").content.decode()
    assert "Nothing was said here yet" in conversation(admin_browser, room)


@pytest.mark.parametrize("times", [1, 10])
def test_takes_as_many_queries_for_many_rows(
    admin_browser: Client,
    ann: User,
    room: Room,
    django_assert_num_queries: DjangoAssertNumQueries,
    times: int,
) -> None:
    extras = {"editor": ann.public_id, "reactions": {":a:": ["bo"]}}
    for number in range(4 * times):
        other = UserFactory.create()
        say(room, other, "hi", edited_at=START, extras=extras)
        say(room, other, "re", thread=f"m-{number * 2 + 1}")
    middle = Message.objects.filter(thread=None)[2 * times]

    # Session, user, permissions; room, members; messages, files, threads, editors.
    # The activity log: whether it has the read, and the entry, once.
    with django_assert_num_queries(9 + 2):
        conversation(admin_browser, room)
    # The message itself, and both sides of it, in the place of one page.
    with django_assert_num_queries(11 + 1):
        conversation(admin_browser, room, f"?around={middle.pk}")
    # Room, root with its files, threads and editor; replies with files.
    with django_assert_num_queries(10 + 1):
        conversation(admin_browser, room, f"?thread={middle.pk}")


def test_can_only_be_read_and_only_by_those_who_may(
    admin_browser: Client, importer_browser: Client, ann: User, room: Room
) -> None:
    (message,) = say(room, ann, "secret")
    paths = (
        *(f"{ADMIN}/room/", f"{ADMIN}/room/{room.pk}/change/"),
        *(f"{ADMIN}/message/", f"{ADMIN}/message/{message.pk}/change/"),
        f"{ADMIN}/room/{room.pk}/conversation/",
        f"{ADMIN}/room/{room.pk}/conversation/?thread={message.pk}",
    )

    for path in paths:
        assert importer_browser.get(path).status_code == 403, path
        assert admin_browser.get(path).status_code == 200, path
    denied: Any = admin_browser.post(paths[3], {"text": "changed"})
    assert denied.status_code == 403


def test_only_who_may_see_users_is_led_to_them(
    admin_browser: Client, ann: User, room: Room
) -> None:
    say(room, ann, "hello")
    role = RoleFactory.create(permissions=["view-room-administration"])
    reader = Client()
    reader.force_login(UserFactory.create(roles=[role]))
    page = f"/admin/accounts/user/{ann.pk}/change/"

    assert page in conversation(admin_browser, room)
    assert page not in conversation(reader, room)
    details = f"{ADMIN}/room/{room.pk}/change/"
    assert page in admin_browser.get(details).content.decode()
    assert page not in reader.get(details).content.decode()
