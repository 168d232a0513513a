"""Message search in the admin."""

from __future__ import annotations

import re
from urllib.parse import urlencode

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from imports_app.admin.workspace import message_search
from imports_app.engine.background.search_indexing import index_messages
from imports_app.models import Message, Room
from tests.factories import UserFactory
from tests.workspace import direct_room_of, room_of, say

pytestmark = pytest.mark.django_db

ADMIN = "/admin/imports_app"


@pytest.fixture
def ann() -> User:
    """The author of messages."""
    return UserFactory.create(username="ann")


@pytest.fixture
def room(ann: User) -> Room:
    """A room with Ann in it."""
    return room_of(ann)


def searched(browser: Client, **query: object) -> str:
    """Return a page of search results."""
    response = browser.get(f"{ADMIN}/message/?{urlencode(query)}")
    assert response.status_code == 200
    return str(response.content.decode())


def hits(page: str) -> list[str]:
    """Return the excerpts without marks."""
    found = re.findall(r'<div class="said-text">(.*?)</div>', page, re.DOTALL)
    return [re.sub(r"</?mark>", "", text) for text in found]


def test_shows_the_newest_without_a_search(
    admin_browser: Client, ann: User, room: Room
) -> None:
    assert "No messages yet" in searched(admin_browser)
    say(room, ann, "one", "two")
    index_messages()

    assert hits(searched(admin_browser)) == ["two", "one"]


def test_hits_are_marked_and_linked_to_the_conversation(
    admin_browser: Client, ann: User, room: Room
) -> None:
    messages = say(room, ann, "some <b>tea</b>, TEA!", "coffee")
    index_messages()

    page = searched(admin_browser, q="tea")

    assert "some &lt;b&gt;<mark>tea</mark>&lt;/b&gt;, <mark>TEA</mark>!" in page
    key = messages[0].pk
    assert f"{ADMIN}/room/{room.pk}/conversation/?around={key}#m{key}" in page
    assert "coffee" not in page


def test_an_excerpt_starts_near_the_first_hit(
    admin_browser: Client, ann: User, room: Room
) -> None:
    say(room, ann, "x " * 500 + "needle" + " y" * 500)
    index_messages()

    (text,) = hits(searched(admin_browser, q="needle"))

    assert text.startswith("…")
    assert text.endswith("…")
    assert "needle" in text
    assert len(text) < 600


def test_includes_partial_matches_without_whole_words(
    admin_browser: Client, ann: User, room: Room
) -> None:
    say(room, ann, "we deployed it", "deploy it")
    index_messages()

    assert hits(searched(admin_browser, q="deploy")) == ["deploy it"]
    partial = searched(admin_browser, q="depl")
    assert hits(partial) == ["deploy it", "we deployed it"]
    assert "Partial matches are included." in partial
    both = searched(admin_browser, q="deploy", begins="on")
    assert hits(both) == ["deploy it", "we deployed it"]


def test_filters_by_room_author_and_date(
    admin_browser: Client, ann: User, room: Room
) -> None:
    bo = UserFactory.create(username="bo")
    direct = direct_room_of(ann, bo)
    say(room, ann, "tea 1")
    say(room, bo, "tea 2")
    say(direct, bo, "tea 3")
    index_messages()

    assert hits(searched(admin_browser, q="tea", room="general")) == ["tea 2", "tea 1"]
    assert hits(searched(admin_browser, q="tea", room=direct.public_id)) == ["tea 3"]
    assert hits(searched(admin_browser, author="@BO", room="#general")) == ["tea 2"]
    assert hits(searched(admin_browser, q="tea", since="2024-03-02")) == []
    days = {"since": "2024-03-01", "until": "2024-03-01"}
    assert len(hits(searched(admin_browser, q="tea", **days))) == 3


def test_finds_messages_of_deleted_users(
    admin_browser: Client, ann: User, room: Room
) -> None:
    say(room, ann, "tea")
    index_messages()
    key = ann.public_id
    ann.delete()

    page = searched(admin_browser, author=key)

    assert hits(page) == ["tea"]
    assert "account deleted" in page


def test_reports_an_invalid_search(admin_browser: Client) -> None:
    assert "No room with this name" in searched(admin_browser, room="nope")
    assert "The search contains no words." in searched(admin_browser, q="?!")
    assert "Correct the marked fields" in searched(admin_browser, since="yesterday")
    assert "Correct the marked fields" in searched(admin_browser, before="x")
    assert "No matching messages" in searched(admin_browser, q="nothing")


def test_pages_to_older_messages(
    admin_browser: Client,
    ann: User,
    room: Room,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(message_search, "_PAGE", 2)
    say(room, ann, *(f"tea {number}" for number in range(5)))
    index_messages()
    page = searched(admin_browser, q="te")
    found = hits(page)
    while match := re.search(r'href="(\?[^"]*before=[^"]*)"', page):
        query = match[1].replace("&amp;", "&")
        page = admin_browser.get(f"{ADMIN}/message/{query}").content.decode()
        found += hits(page)

    assert found == [f"tea {number}" for number in (4, 3, 2, 1, 0)]
    assert "No older messages" in page


def test_finds_messages_that_are_not_indexed_yet(
    admin_browser: Client, ann: User, room: Room
) -> None:
    say(room, ann, "old tea")
    index_messages()
    say(room, ann, "new tea", "new coffee")

    page = searched(admin_browser, q="tea")

    assert hits(page) == ["new tea", "old tea"]
    assert "Not indexed yet" in page
    assert hits(searched(admin_browser, q="coffee")) == ["new coffee"]


def test_an_event_in_the_results_has_a_description(
    admin_browser: Client, ann: User, room: Room
) -> None:
    say(room, ann, "<b>50% off", event="room_changed_topic")
    index_messages()

    assert "changed the topic: &lt;b&gt;50% off" in searched(admin_browser, q="off")


@pytest.mark.parametrize("rows", [4, 40])
def test_the_number_of_queries_is_constant(
    admin_browser: Client,
    django_assert_num_queries: DjangoAssertNumQueries,
    rows: int,
) -> None:
    for number in range(rows):
        author = UserFactory.create()
        say(room_of(author, name=f"room-{number}"), author, "tea")
    index_messages()

    # Session, user, permissions; last entry, unindexed messages; keys, entries.
    # The activity log: a check for an existing entry, and the entry.
    with django_assert_num_queries(7 + 2):
        assert len(hits(searched(admin_browser, q="tea"))) == rows
    # Without words, no keys are looked up; room and author are.
    with django_assert_num_queries(6 + 2):
        searched(admin_browser)
    with django_assert_num_queries(9 + 2):
        searched(admin_browser, q="tea", room="room-1", author=str(author))


def test_every_message_has_a_details_page(
    admin_browser: Client, ann: User, room: Room
) -> None:
    (message,) = say(room, ann, "tea")
    path = f"{ADMIN}/message/{message.pk}/change/"

    page = admin_browser.get(path).content.decode()

    assert hits(page) == ["tea"]
    assert message.import_id in page
    assert Message.objects.get().text == "tea"
    assert admin_browser.get(f"{ADMIN}/message/999999/change/").status_code == 404
