"""Selection of records, without scripts."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import ActivityEntry, User
from imports_app.models import (
    ImportOperation,
    ImportPlan,
    ImportRecord,
    Message,
    Room,
    RoomImportId,
)
from imports_app.records import RoomType
from imports_app.services.operations import create_operation
from imports_app.services.review import time_limits
from imports_app.statuses import Status
from imports_app.transitions import Actor
from tests.conftest import ApiClient
from tests.factories import EmailAddressFactory, UserFactory
from tests.imports_app.api.importing import packed, staged
from tests.imports_app.engine.converting import direct, message, room, stage, user
from tests.live import DEADLINE_SECONDS
from tests.working import work

PEOPLE = (
    user("U1", username="ann", name="Ann Lee", emails=("ann@example.org",)),
    user("U2", username="robo", name="Robo", is_bot=True),
    user("U3", username="gone", name="Gone", is_deleted=True),
    user("U4"),
)
ROOMS = (
    room("news", members=("U1", "U2"), topic="What is <new>"),
    room("lab", RoomType.PRIVATE),
    direct("U1", "U3"),
)


@pytest.fixture
def operation(importer_user: User) -> ImportOperation:
    return stage(importer_user, *PEOPLE, *ROOMS)


def address(operation: ImportOperation, query: str = "") -> str:
    return f"/admin/imports_app/importoperation/{operation.pk}/select/{query}"


def shown(browser: Client, operation: ImportOperation, query: str = "") -> str:
    """Return the visible text of the page."""
    response = browser.get(address(operation, query))
    assert response.status_code == 200
    content = response.content.decode()
    main = content[content.index('id="selection"') :]
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", main)))


def post(
    browser: Client, operation: ImportOperation, query: str = "", **fields: Any
) -> str:
    """Submit a form and return the text of the next page."""
    response = browser.post(address(operation, query), fields, follow=True)
    assert response.status_code == 200
    return html.unescape(response.content.decode())


def start(browser: Client, operation: ImportOperation) -> str:
    operation.refresh_from_db()
    return post(browser, operation, do="start", revision=operation.revision)


def test_each_user_has_a_preview(
    importer_browser: Client, operation: ImportOperation
) -> None:
    EmailAddressFactory.create(
        address="ANN@example.org", user=UserFactory.create(username="annabel")
    )

    text = shown(importer_browser, operation)

    assert "Ann Lee ann ann@example.org Updates annabel (same" in text
    assert "Robo bot robo Creates the user robo." in text
    assert "Gone deactivated gone Creates the deactivated user gone." in text
    assert "Will fail: The user has neither a username nor an e-mail address" in text
    assert "Users 4 of 4 1 already exists" in text


PRIVILEGED = (
    user("ivan", username="ivan"),
    user("ada", username="ada"),
    message("c-news", "ada", "hello"),
)


def test_a_row_of_the_same_user_creates_no_user(
    importer_browser: Client, importer_api: ApiClient
) -> None:
    users = "ann,ann@example.org,Ann Lee\nanna,ANN@example.org,Ann Again\n"

    text = shown(importer_browser, staged(importer_api, packed({"users.csv": users})))

    assert "Ann Lee ann ann@example.org Creates the user ann." in text
    assert "ANN@example.org Adds to ann, which an earlier record" in text


def test_roles_that_are_not_granted_are_shown(
    importer_browser: Client, admin_browser: Client, importer_user: User
) -> None:
    operation = stage(importer_user, user("U1", username="ann", roles=("admin",)))
    refusal = "Role 'admin' not granted: the user ivan may not grant it."

    for browser in (importer_browser, admin_browser):
        assert f"Creates the user ann. {refusal}" in shown(browser, operation)
    start(importer_browser, operation)
    work()

    assert ImportRecord.objects.get(kind="user").message.startswith(refusal)
    ann = User.objects.get(username="ann")
    assert [role.name for role in ann.roles.all()] == ["user"]


def buttons(browser: Client, operation: ImportOperation) -> list[str]:
    """Return the values of the buttons that confirm or withdraw matches."""
    content = browser.get(address(operation)).content.decode()
    return re.findall(r'value="((?:confirm|withdraw) [^"]*)"', content)


def test_matches_with_privileged_users_are_confirmed_one_by_one(
    admin_browser: Client, admin_user: User, importer_user: User
) -> None:
    operation = stage(importer_user, room("news"), *PRIVILEGED)
    ImportRecord.objects.filter(import_id="ada").update(message_count=1)
    text = shown(admin_browser, operation)
    assert "Matches the privileged user ada by username." in text
    assert "this record and 1 message fail. Confirm" in text
    assert "2 unconfirmed matches with privileged users" in text
    assert "ivan" in shown(admin_browser, operation, "?trait=privileged")

    [_ivan, ada] = buttons(admin_browser, operation)[::-1]
    post(admin_browser, operation, do=ada)

    text = shown(admin_browser, operation)
    assert (
        "Confirmed match with the privileged user ada : adds only the import ID" in text
    )
    assert "1 unconfirmed match with a privileged user" in text
    start(admin_browser, operation)
    work()
    assert list(User.objects.filter(import_ids__isnull=False)) == [admin_user]
    assert Message.objects.get().author == admin_user
    failed = ImportRecord.objects.failed(operation.pk)
    assert [record.import_id for record in failed] == ["ivan"]
    [entry] = ActivityEntry.objects.filter(after__has_key="confirmed import ID")
    assert (entry.name, entry.author_name) == ("ada", "ada")


def test_confirmation_is_withdrawn(admin_browser: Client, importer_user: User) -> None:
    operation = stage(importer_user, *PRIVILEGED)
    for value in buttons(admin_browser, operation):
        post(admin_browser, operation, do=value)
    assert "with privileged users" not in shown(admin_browser, operation)

    for value in buttons(admin_browser, operation):
        assert value.startswith("withdraw")
        post(admin_browser, operation, do=value)

    assert "2 unconfirmed matches with privileged users" in shown(
        admin_browser, operation
    )


def test_a_confirmation_needs_permission_to_edit_the_user(
    importer_browser: Client, admin_user: User, importer_user: User
) -> None:
    operation = stage(importer_user, *PRIVILEGED)
    own, admins = (
        f"confirm {record.pk} {User.objects.get(username=record.import_id).public_id}"
        for record in ImportRecord.objects.filter(kind="user")
    )
    assert buttons(importer_browser, operation) == [own]
    text = shown(importer_browser, operation)
    assert text.count("Only users who may edit this account can confirm") == 1

    text = post(importer_browser, operation, do=admins)

    assert "You can't confirm a match with `ada`" in text
    assert "2 unconfirmed matches with privileged users" in text
    post(importer_browser, operation, do=own)
    assert "1 unconfirmed match with a privileged" in shown(importer_browser, operation)


@pytest.mark.parametrize(
    "value", ["confirm", "confirm x y", "confirm 0 0", "withdraw", "withdraw 9" * 99]
)
def test_invalid_confirmations_are_ignored(
    admin_browser: Client, operation: ImportOperation, value: str
) -> None:
    post(admin_browser, operation, do=value)

    operation.refresh_from_db()
    assert "confirmed" not in operation.selection


def test_each_room_has_a_preview(
    importer_browser: Client, operation: ImportOperation
) -> None:
    Room.objects.create(type="c", name="news")
    Room.objects.create(type="c", name="lab")

    text = shown(importer_browser, operation, "?kind=channel")

    assert "#news public What is <new> 2 0 Updates news (same name)" in text
    assert "#lab private 0 0 Creates the room lab-2. The name 'lab' is" in text
    assert "Direct messages 1 of 1 room " in text


def test_a_room_of_another_source_is_not_counted_as_here(
    importer_browser: Client, operation: ImportOperation
) -> None:
    news = Room.objects.create(type="c", name="news")
    assert "Rooms 2 of 2 1 already" in shown(importer_browser, operation)

    RoomImportId.objects.create(room=news, value="C0THER")
    ImportPlan.objects.update(finished_at=timezone.now() - timedelta(minutes=1))

    text = shown(importer_browser, operation, "?kind=channel")
    assert "Creates the room news-2. The name 'news' is taken" in text
    assert "Rooms 2 of 2 1 already" not in text
    assert "Rooms 2 of 2" in text


def test_links_need_permission_to_open_the_target(
    importer_browser: Client, admin_browser: Client, operation: ImportOperation
) -> None:
    known = UserFactory.create(username="ann")
    page = f"/admin/accounts/user/{known.pk}/change/"

    assert page in admin_browser.get(address(operation)).content.decode()
    assert page not in importer_browser.get(address(operation)).content.decode()


@pytest.mark.parametrize("query", ["?q=%00lee", f"?page={'9' * 5000}"])
def test_invalid_queries_are_handled(
    importer_browser: Client, operation: ImportOperation, query: str
) -> None:
    assert importer_browser.get(address(operation, query)).status_code == 400


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", {"Ann Lee", "Robo", "Gone", "U4"}),
        ("?q=LEE", {"Ann Lee"}),
        ("?trait=bots", {"Robo"}),
        ("?q=o&trait=deleted", {"Gone"}),
        ("?trait=public", {"Ann Lee", "Robo", "Gone", "U4"}),
        ("?page=99&q=lee", {"Ann Lee"}),
        ("?page=x&q=lee", {"Ann Lee"}),
        (f"?page={'9' * 900}&q=lee", {"Ann Lee"}),
        ("?q=nobody", set()),
        ("?kind=channel", {"#news", "#lab"}),
        ("?kind=channel&trait=private", {"#lab"}),
        ("?kind=contact&q=lee", {"Ann Lee"}),
    ],
)
def test_lists_are_searched_and_filtered(
    importer_browser: Client, operation: ImportOperation, query: str, names: set[str]
) -> None:
    content = importer_browser.get(address(operation, query)).content.decode()

    listed = re.findall(r'class="choice-name">([^<]*)<', content)
    assert set(listed) == names
    assert ("No matches" in content) == (not names)


def test_ticked_rows_are_selected_and_cleared_rows_deselected(
    importer_browser: Client, operation: ImportOperation
) -> None:
    post(
        importer_browser,
        operation,
        shown=["U1", "U2", "U3", "U4"],
        was_ticked=["U1", "U2", "U3", "U4"],
        ticked=["U1", "U3"],
    )
    text = shown(importer_browser, operation)

    assert "Users 2 of 4" in text
    assert "All users, except 2 deselected individually" in text
    assert "Robo bot robo Not selected." in text


def test_selecting_all_matches_adds_one_rule(
    importer_browser: Client, operation: ImportOperation
) -> None:
    post(importer_browser, operation, do="leave")
    post(importer_browser, operation, "?q=o&trait=people", do="take")
    post(importer_browser, operation, "?q=lee", do="take")

    text = shown(importer_browser, operation)

    assert "No users, plus those matching “o” with filter “people”, plus tho" in text
    assert "plus those matching “lee”" in text
    assert "Users 1 of 4" in text
    operation.refresh_from_db()
    assert operation.selection["users"]["ids"] == []


def test_only_selected_records_are_imported(
    importer_browser: Client, importer_user: User
) -> None:
    said = [message("c-news", "U1", "hello", 1), message("p-lab", "U1", "psst", 2)]
    operation = stage(importer_user, *PEOPLE, *ROOMS, *said)
    post(importer_browser, operation, "?trait=bots", do="leave")
    post(importer_browser, operation, "?kind=channel&trait=private", do="leave")
    post(importer_browser, operation, do="leave-directs")
    assert "Direct messages 0 of 1" in shown(importer_browser, operation)

    start(importer_browser, operation)
    work()

    operation.refresh_from_db()
    assert operation.status == Status.DONE
    assert [one.name for one in Room.objects.all()] == ["news"]
    came_in = User.objects.filter(username__in=["ann", "robo", "gone"])
    assert {one.username for one in came_in} == {"ann", "gone"}


def test_a_stale_selection_does_not_start(
    importer_browser: Client, operation: ImportOperation
) -> None:
    seen = operation.revision
    post(importer_browser, operation, do="leave-directs")

    text = post(importer_browser, operation, do="start", revision=seen)

    assert "The selection has changed in the meantime" in text
    operation.refresh_from_db()
    assert operation.status == Status.USER_SELECTION


def test_an_empty_selection_does_not_start(
    importer_browser: Client, operation: ImportOperation
) -> None:
    for query, act in (("", "leave"), ("?kind=channel", "leave")):
        post(importer_browser, operation, query, do=act)
    post(importer_browser, operation, do="leave-directs")
    assert "Start the import" not in shown(importer_browser, operation)

    assert "Nothing is selected" in start(importer_browser, operation)

    operation.refresh_from_db()
    assert operation.status == Status.USER_SELECTION


def test_too_many_rules_show_an_error(
    importer_browser: Client, operation: ImportOperation
) -> None:
    for number in range(21):
        text = post(importer_browser, operation, f"?q={number}", do="leave")

    assert "Too many records are selected individually" in text


def test_a_running_import_has_no_selection_page(
    importer_browser: Client, importer_user: User, operation: ImportOperation
) -> None:
    start(importer_browser, operation)

    assert importer_browser.get(address(operation)).status_code == 302
    overtaken = stage(importer_user, *PEOPLE)
    create_operation(
        actor=Actor(importer_user), importer_key="csv", importer_name="CSV"
    )
    assert "has changed in the meantime" in post(
        importer_browser, overtaken, do="start"
    )


def test_the_number_of_queries_is_constant(
    importer_browser: Client,
    importer_user: User,
    django_assert_num_queries: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # A busy machine takes longer than a request may.
    monkeypatch.setattr(time_limits, "_PATIENCE", DEADLINE_SECONDS)
    for many in (30, 300):
        people = [
            user(f"U{n}", username=f"u{n}", emails=(f"{n}@a.bc",)) for n in range(many)
        ]
        rooms = [room(f"room-{number}") for number in range(many)]
        operation = stage(importer_user, *people, *rooms)
        # Session, user, two permissions; the operation; count
        # and rows of the list; five for the previews, with the decisions; one for each
        # of two kinds, one for direct messages, one for the counters, one for a trial
        # run; three for the decisions of the rows, their number, and an offer to use
        # others. The plan was computed before: its row, the decisions and corrections
        # it depends on, and its records. An earlier import of the source is looked for.
        importer_browser.get(address(operation))
        with django_assert_num_queries(24):
            importer_browser.get(address(operation))
