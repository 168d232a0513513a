"""Deletion of users who wrote messages: what is shown before, and what remains."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from imports_app.models import Message
from tests.accounts.admin.test_account_page import text_of
from tests.accounts.admin.test_consequences import confirm, on_list
from tests.accounts.admin.test_users import LIST, browser_with
from tests.factories import UserFactory
from tests.workspace import room_of, say

ROOMS, MESSAGES = 2, 3
FACTS = "amy has 3 messages in 2 rooms."
STAY = "The messages are not deleted."


@pytest.fixture
def author(db: None) -> User:
    amy = UserFactory.create(username="amy")
    rooms = [room_of(amy, name=f"room-{number}") for number in range(ROOMS)]
    for number in range(MESSAGES):
        say(rooms[number % ROOMS], amy, "hello")
    return amy


@pytest.mark.parametrize("is_on_list", [False, True])
def test_deleting_an_author_shows_the_messages_and_asks_for_the_password(
    admin_browser: Client, author: User, is_on_list: bool
) -> None:
    path = LIST if is_on_list else f"{LIST}{author.pk}/delete/"
    form: Any = on_list("delete_selected", author) if is_on_list else {"post": "yes"}

    asked = admin_browser.post(path, form)
    kept = User.objects.filter(pk=author.pk).exists()
    confirm(admin_browser, path, asked)

    assert FACTS in text_of(asked)
    assert STAY in text_of(asked)
    assert "After this you can no longer" not in text_of(asked)
    assert kept
    assert not User.objects.filter(pk=author.pk).exists()
    assert Message.objects.count() == MESSAGES
    room = Message.objects.earliest("pk").room_id
    page = admin_browser.get(f"/admin/imports_app/room/{room}/conversation/")
    assert author.public_id in text_of(page)
    assert "account deleted" in text_of(page)


def test_the_numbers_need_the_permission_to_read_messages(author: User) -> None:
    browser = browser_with("delete-user")

    asked = browser.post(f"{LIST}{author.pk}/delete/", {"post": "yes"})

    assert "amy has messages." in text_of(asked)
    assert FACTS not in text_of(asked)


def test_a_user_without_messages_is_deleted_at_once(
    admin_browser: Client, author: User
) -> None:
    other = UserFactory.create()

    admin_browser.post(f"{LIST}{other.pk}/delete/", {"post": "yes"})

    assert not User.objects.filter(pk=other.pk).exists()


def test_many_authors_are_summed_up(admin_browser: Client) -> None:
    users = UserFactory.create_batch(12)
    for user in users:
        say(room_of(user, name=str(user)), user, "hello")

    asked = admin_browser.post(LIST, on_list("delete_selected", *users))

    assert text_of(asked).count("has 1 message in 1 room.") == 10
    assert "2 more users have messages." in text_of(asked)
