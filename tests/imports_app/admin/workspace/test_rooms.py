"""The room list and links from users to rooms and messages."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from imports_app.models import Room
from tests.factories import RoleFactory, UserFactory
from tests.workspace import direct_room_of, room_of

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


@pytest.mark.parametrize("rows", [2, 20])
def test_the_number_of_queries_is_constant(
    admin_browser: Client,
    django_assert_num_queries: DjangoAssertNumQueries,
    rows: int,
) -> None:
    for number in range(rows):
        people = [UserFactory.create() for _person in range(3)]
        room_of(*people, name=f"room-{number}")

    # Session, user, permissions; two counts; the page and member counts.
    with django_assert_num_queries(7):
        page = admin_browser.get(f"{ADMIN}/room/").content.decode()
    assert f"room-{rows - 1}" in page


def test_rooms_are_filtered_and_searched(
    admin_browser: Client, ann: User, room: Room
) -> None:
    bo = UserFactory.create(username="bo")
    room_of(bo, name="lab", type="p", topic="rockets", is_archived=True)
    direct_room_of(ann, bo)

    def listed(query: str) -> str:
        return str(admin_browser.get(f"{ADMIN}/room/?{query}").content.decode())

    assert "#general" not in listed("q=rocket")
    assert "#lab" in listed("q=rocket")
    assert "#lab" not in listed("type__exact=c")
    assert "#general" not in listed("is_archived__exact=1")
    of_bo = listed(f"member={bo.pk}")
    assert "#general" not in of_bo
    assert "#lab" in of_bo
    assert "ann, bo" in of_bo
    assert "#lab" in listed("member=x")
    assert "#lab" not in listed("member=999999")


def test_the_user_page_links_to_rooms_and_messages(
    admin_browser: Client, ann: User, room: Room
) -> None:
    user_page = f"/admin/accounts/user/{ann.pk}/change/"
    role = RoleFactory.create(permissions=["view-user-administration"])
    helper = Client()
    helper.force_login(UserFactory.create(roles=[role]))

    page = admin_browser.get(user_page).content.decode()

    assert f"{ADMIN}/room/?member={ann.pk}" in page
    assert f"{ADMIN}/message/?author={ann.public_id}" in page
    assert "Rooms of this user" not in helper.get(user_page).content.decode()


def test_the_details_of_a_room_are_labels(admin_browser: Client, ann: User) -> None:
    closed = room_of(ann, name="old", is_archived=True)

    page = admin_browser.get(f"{ADMIN}/room/{closed.pk}/change/").content.decode()

    assert "public room" in page
    assert "&#x27;archived&#x27;" not in page
