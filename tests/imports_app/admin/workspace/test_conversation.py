"""Conversations of rooms: pages, threads and message content."""

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
    """The author of messages."""
    return UserFactory.create(username="ann", name="Ann Lee")


@pytest.fixture
def room(ann: User) -> Room:
    """A room with Ann in it."""
    return room_of(ann)


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set the page size to four messages."""
    monkeypatch.setattr(keyset, "PAGE", 4)


def conversation(browser: Client, room: Room, query: str = "") -> str:
    """Return a page of a room's conversation."""
    path = f"{ADMIN}/room/{room.pk}/conversation/{query}"
    response = browser.get(path, follow=True)
    assert response.status_code == 200
    return str(response.content.decode())


def shown_texts(page: str) -> list[str]:
    """Return the message texts of a page in order."""
    return re.findall(r'<div class="said-text">(.*?)</div>', page, re.DOTALL)


def clocks(page: str) -> list[str]:
    """Return the times of a page in order."""
    return re.findall(r'<time class="clock"[^>]*>([^<]*)</time>', page)


def linked(page: str, word: str) -> str:
    """Return the query of the first link with this word."""
    match = re.search(rf'href="(\?[^"]*)"[^>]*>[^<]*{word}', page)
    assert match is not None, word
    return match[1].replace("&amp;", "&")


def test_the_room_list_links_to_the_conversation(
    admin_browser: Client, ann: User, room: Room
) -> None:
    say(room, ann, "hello")

    rooms = admin_browser.get(f"{ADMIN}/room/").content.decode()

    assert f'href="{ADMIN}/room/{room.pk}/conversation/"' in rooms
    page = conversation(admin_browser, room)
    assert shown_texts(page) == ["hello"]
    assert f"{ADMIN}/room/{room.pk}/change/" in page


def test_pages_lead_from_the_newest_to_the_oldest_and_back(
    admin_browser: Client, ann: User, room: Room, small_pages: None
) -> None:
    say(room, ann, *(f"t{number}" for number in range(10)))

    newest = conversation(admin_browser, room)
    assert shown_texts(newest) == ["t6", "t7", "t8", "t9"]
    assert "No newer messages" in newest
    earlier = conversation(admin_browser, room, linked(newest, "Earlier"))
    assert shown_texts(earlier) == ["t2", "t3", "t4", "t5"]
    first = conversation(admin_browser, room, linked(earlier, "Earlier"))
    assert shown_texts(first) == ["t0", "t1"]
    assert "This is the first message" in first
    assert shown_texts(conversation(admin_browser, room, linked(first, "Later"))) == (
        shown_texts(earlier)
    )
    beginning = conversation(admin_browser, room, linked(newest, "Oldest"))
    assert shown_texts(beginning) == ["t0", "t1", "t2", "t3"]
    assert shown_texts(
        conversation(admin_browser, room, linked(beginning, "Later"))
    ) == (["t4", "t5", "t6", "t7"])


def test_messages_of_the_same_time_are_listed_once(
    admin_browser: Client, ann: User, room: Room, small_pages: None
) -> None:
    say(room, ann, *(f"t{number}" for number in range(10)))
    Message.objects.update(sent_at=START)
    pages = [conversation(admin_browser, room)]
    while "Earlier" in pages[0]:
        query = linked(pages[0], "Earlier")
        pages.insert(0, conversation(admin_browser, room, query))

    assert [text for page in pages for text in shown_texts(page)] == [
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
    assert shown_texts(page) == ["t3", "t4", "t5"]
    assert "Monday, 4 March 2024" in page
    assert "Earlier" in page
    assert (
        shown_texts(conversation(admin_browser, room, "?date=2030-01-01"))[-1] == "t5"
    )
    assert shown_texts(conversation(admin_browser, room, "?date=1999-01-01"))[0] == "t0"


def test_a_link_to_a_message_shows_its_context(
    admin_browser: Client, ann: User, room: Room, small_pages: None
) -> None:
    messages = say(room, ann, *(f"t{number}" for number in range(9)))

    page = conversation(admin_browser, room, f"?around={messages[4].pk}")

    assert shown_texts(page) == ["t2", "t3", "t4", "t5", "t6"]
    assert page.count("focused") == 1
    assert re.search(rf'id="m{messages[4].pk}" class="[^"]*focused', page)
    assert "Earlier" in page
    assert "Later" in page


@pytest.mark.parametrize(
    "query", ["?around=1", "?before=99999999999999999", "?thread=5"]
)
def test_messages_of_other_rooms_are_not_found(
    admin_browser: Client, ann: User, room: Room, query: str
) -> None:
    response = admin_browser.get(f"{ADMIN}/room/{room.pk}/conversation/{query}")

    assert response.status_code == 404


@pytest.mark.parametrize("query", ["?around=x", "?before=-1", "?date=soon", "?after="])
def test_an_invalid_query_shows_the_newest(
    admin_browser: Client, ann: User, room: Room, query: str
) -> None:
    say(room, ann, "hello")

    assert shown_texts(conversation(admin_browser, room, query)) == ["hello"]


def test_a_thread_is_collapsed_under_its_first_message(
    admin_browser: Client, ann: User, room: Room, small_pages: None
) -> None:
    (root,) = say(room, ann, "root")
    replies = say(room, ann, *(f"r{n}" for n in range(6)), thread=root.import_id)
    say(room, ann, "next")

    page = conversation(admin_browser, room)
    assert shown_texts(page) == ["root", "next"]
    assert "6 replies" in page
    thread = conversation(admin_browser, room, linked(page, "6 replies"))
    assert shown_texts(thread) == ["root", "r0", "r1", "r2", "r3"]
    later = conversation(admin_browser, room, linked(thread, "Later"))
    assert shown_texts(later) == ["root", "r4", "r5"]
    around = conversation(admin_browser, room, f"?around={replies[5].pk}")
    assert shown_texts(around) == ["root", "r3", "r4", "r5"]
    assert around.count("focused") == 1


def test_a_reply_without_its_thread_is_shown_alone(
    admin_browser: Client, ann: User, room: Room
) -> None:
    (reply,) = say(room, ann, "so true", thread="gone")

    page = conversation(admin_browser, room)

    assert shown_texts(page) == ["so true"]
    assert "Reply to a message that was not imported" in page
    assert "focused" in conversation(admin_browser, room, f"?around={reply.pk}")


def test_a_broadcast_reply_is_shown_in_the_room_and_in_its_thread(
    admin_browser: Client, ann: User, room: Room
) -> None:
    (root,) = say(room, ann, "root")
    say(room, ann, "aside", thread=root.import_id)
    say(room, ann, "for all", thread=root.import_id, extras={"broadcast": True})

    page = conversation(admin_browser, room)

    assert shown_texts(page) == ["root", "for all"]
    assert "Reply in a thread, also sent to the room." in page
    thread = conversation(admin_browser, room, linked(page, "2 replies"))
    assert shown_texts(thread) == ["root", "aside", "for all"]
    assert "Also sent to the room." in thread


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
        *("🎉&lt;i&gt; <b>2</b>", "bo, &lt;b&gt;cy", "not downloaded"),
        f"{ADMIN}/messagefile/{stored.pk}/download/",
        f"{ADMIN}/messagefile/{waiting.pk}/change/",
    ):
        assert part in page, part
    for part in ("<script>alert", "javascript:", "display:none", "<main>", "<b>cy"):
        assert part not in page, part


def test_events_are_shown_as_short_lines(
    admin_browser: Client, ann: User, room: Room
) -> None:
    say(room, ann, "", event="uj")
    say(room, ann, "<b>50%", event="room_changed_topic")
    say(room, ann, "what", event="something_new")

    page = conversation(admin_browser, room)

    assert shown_texts(page) == []
    for part in ("joined", "changed the topic: &lt;b&gt;50%", "something new"):
        assert part in page


@pytest.mark.parametrize(
    ("event", "text", "shown"),
    [
        ("room_changed_topic", "", "removed the topic"),
        ("room_changed_description", "", "removed the purpose"),
        ("room_changed_topic", ":tada:", "changed the topic: 🎉"),
        ("message_pinned", "", "pinned a message <a"),
        ("message_pinned", "the list", "pinned a message: the list"),
    ],
)
def test_events_say_what_happened(
    admin_browser: Client, ann: User, room: Room, event: str, text: str, shown: str
) -> None:
    say(room, ann, text, event=event)

    assert f"Ann Lee</span> {shown}" in conversation(admin_browser, room)


def test_events_show_their_thread_reactions_and_attachments(
    admin_browser: Client, ann: User, room: Room
) -> None:
    extras = {
        "reactions": {":wave:": ["ann"]},
        "attachments": [{"text": "the pinned text"}],
    }
    [joined] = say(room, ann, "", event="uj", extras=extras)
    say(room, ann, "welcome", thread=joined.import_id)

    page = conversation(admin_browser, room)

    assert shown_texts(page) == ["the pinned text"]
    assert "👋 <b>1</b>" in page
    thread = conversation(admin_browser, room, linked(page, "1 reply"))
    assert shown_texts(thread) == ["the pinned text", "welcome"]


def test_the_topic_shows_links_and_emoji(admin_browser: Client, ann: User) -> None:
    room = room_of(ann, topic=":tada: [all](https://a.example) <b>")

    page = conversation(admin_browser, room)

    topic = page.partition('<div class="talk-topic">')[2].partition("</div>")[0]
    assert topic.startswith('🎉 <a href="https://a.example"')
    assert topic.endswith(">all</a> &lt;b&gt;")


def test_attachments_show_links_and_emoji(
    admin_browser: Client, ann: User, room: Room
) -> None:
    part = {
        "title": ":tada: done",
        "fields": [{"title": ":wave:", "value": ":tada:"}],
        "footer": "[x/y](https://a.example/x)",
    }
    say(room, ann, "", extras={"attachments": [part]})

    page = conversation(admin_browser, room)

    for shown in ("<strong>🎉 done</strong>", "<dt>👋</dt>", ">x/y</a>"):
        assert shown in page


def test_shows_bots_and_deactivated_or_deleted_users(
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


def test_a_long_text_is_truncated_with_a_link_to_the_full_text(
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
    assert "long end" not in page
    assert download.content.decode() == message.text
    assert download.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert "attachment" in download.headers["Content-Disposition"]
    assert plain_browser.get(f"{address}text/").status_code in {302, 403}
    assert admin_browser.get("/admin/imports_app/message/0/text/").status_code == 404


def test_many_combining_characters_are_rendered_fast(
    admin_browser: Client, ann: User
) -> None:
    room = room_of(topic="a" + "\u0315\u0300" * 30_000)
    started = time.process_time()

    assert admin_browser.get("/admin/imports_app/room/").status_code == 200
    assert room.topic
    assert time.process_time() - started < 2


def test_direct_messages_are_named_after_their_members(
    admin_browser: Client, ann: User
) -> None:
    room = direct_room_of(ann, UserFactory.create(username="bo"))

    assert "ann, bo" in admin_browser.get(f"{ADMIN}/room/").content.decode()
    assert "No messages yet" in conversation(admin_browser, room)


@pytest.mark.parametrize("times", [1, 10])
def test_the_number_of_queries_is_constant(
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
    # The activity log: a check for an existing entry, and the entry.
    with django_assert_num_queries(9 + 2):
        conversation(admin_browser, room)
    # The linked message and the messages before and after it.
    with django_assert_num_queries(11 + 1):
        conversation(admin_browser, room, f"?around={middle.pk}")
    # Room, root with its files, threads and editor; replies with files.
    with django_assert_num_queries(10 + 1):
        conversation(admin_browser, room, f"?thread={middle.pk}")


def test_is_read_only_and_needs_permission(
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


def test_links_to_users_need_permission(
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


def test_times_are_shown_below_their_day(
    admin_browser: Client, ann: User, room: Room
) -> None:
    say(room, ann, "late", "early")
    Message.objects.filter(text="late").update(
        sent_at=START.replace(hour=23, minute=59),
        edited_at=START.replace(day=4, hour=8),
    )
    Message.objects.filter(text="early").update(sent_at=START + timedelta(days=1))

    page = conversation(admin_browser, room)

    assert re.findall(r'class="talk-day"><span>([^<]*)<', page) == [
        "Friday, 1 March 2024 (UTC)",
        "Saturday, 2 March 2024 (UTC)",
    ]
    assert clocks(page) == ["23:59", "2024-03-04 08:00", "09:00"]
    assert 'title="2024-03-01 23:59:00 UTC"' in page
