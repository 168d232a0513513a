"""Pages of decisions, without scripts."""

from __future__ import annotations

import html
import io
import json
import re
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from accounts.models import User
from imports_app.admin.decisions import pages
from imports_app.models import Decision, ImportOperation, ImportRecord, Room
from imports_app.records import RoomType
from imports_app.services.review.suggestions import search_users
from imports_app.transitions import CANCELLED, Actor, invalidate
from tests.factories import (
    EmailAddressFactory,
    ImportOperationFactory,
    RoleFactory,
    UserFactory,
)
from tests.imports_app.engine.converting import direct, room, run, stage, user
from tests.imports_app.services.review.deciding import about_room, about_user, decide

BASE = "/admin/imports_app/importoperation/"


@pytest.fixture
def operation(importer_user: User) -> ImportOperation:
    return stage(
        importer_user,
        user("U1", username="ann", name="Ann Lee", emails=("ann@example.org",)),
        user("U2", username="bo", name="Bo Ek"),
        room("news", topic="What is <new>"),
        room("secret", RoomType.PRIVATE),
        direct("U1", "U2"),
        importer="slack",
    )


@pytest.fixture
def browser(importer_user: User) -> Client:
    client = Client()
    client.force_login(importer_user)
    return client


def key_of(operation: ImportOperation, import_id: str) -> int:
    return ImportRecord.objects.get(operation=operation, import_id=import_id).pk


def decide_address(operation: ImportOperation, import_id: str, query: str = "") -> str:
    key = key_of(operation, import_id)
    return f"{BASE}{operation.pk}/decide/?record={key}{query}"


def shown(browser: Client, address: str) -> str:
    """Return the visible text of a page."""
    response = browser.get(address)
    assert response.status_code == 200
    content = response.content.decode()
    main = content[content.index('class="deciding"') :]
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", main)))


def said(response: Any) -> str:
    return " ".join(map(str, get_messages(response.wsgi_request)))


def test_shows_facts_preview_and_suggestions_with_their_reason(
    browser: Client, operation: ImportOperation
) -> None:
    by_address = UserFactory.create(username="lee", name="")
    EmailAddressFactory.create(user=by_address, address="ANN@example.org")
    UserFactory.create(username="Ann", name="Another Person")
    UserFactory.create(username="annlee", name="Ann  Lee")
    UserFactory.create(username="anne.lee", name="Anne Leigh")
    UserFactory.create(username="zed", name="Zed")

    text = shown(browser, decide_address(operation, "U1"))

    assert "Decision about a user: Ann Lee" in text
    assert "E-mail addresses ann@example.org" in text
    assert "Updates lee (same e-mail address)" in text
    assert "lee same e-mail address" in text
    assert "Ann same username Another Person" in text
    assert "annlee same name Ann Lee" in text
    assert "anne.lee similar name Anne Leigh" in text
    assert "zed" not in text


def test_searches_existing_users_and_users_of_the_source(
    browser: Client, operation: ImportOperation
) -> None:
    UserFactory.create(username="Charlie", name="Other")
    UserFactory.create(username="dora", name="Charlotte Doe", is_active=False)
    UserFactory.create(username="echo", name="Not Charlie")

    text = shown(browser, decide_address(operation, "U1", "&who=cha&other=Bo"))

    assert "Charlie Other" in text
    assert "dora Charlotte Doe · deactivated" in text
    assert "echo" not in text
    assert "bo Bo Ek" in text
    assert "No matches" in shown(browser, decide_address(operation, "U1", "&who=c"))
    assert "No matches" in shown(browser, decide_address(operation, "U1", "&other=x"))


def test_a_search_reads_few_rows_and_finds_addresses_and_ids(
    importer_user: User,
) -> None:
    owner = EmailAddressFactory.create(address="Ann@Example.org").user
    with CaptureQueriesContext(connection) as captured:
        found = search_users(" ann@example.ORG ")

    assert found == [owner]
    assert search_users(owner.public_id) == [owner]
    assert len(captured) == 4
    assert all("LIMIT" in one["sql"] for one in captured.captured_queries[2:])


def test_a_match_is_saved_shown_and_removed(
    browser: Client, operation: ImportOperation
) -> None:
    ann = UserFactory.create(username="ann.lee")
    address = decide_address(operation, "U1", "&kind=user&q=ann")

    response = browser.post(address, {"do": f"match {ann.public_id}"})

    assert (
        response.headers["Location"] == f"{BASE}{operation.pk}/select/?kind=user&q=ann"
    )
    assert "The decision was saved." in said(response)
    selection = browser.get(response.headers["Location"]).content.decode()
    assert "Decision: Match with the user ann.lee." in selection
    assert "1 decision about users and rooms" in selection
    assert ">decided<" not in selection
    page = shown(browser, address)
    assert "Decision: Match with the user ann.lee." in page
    assert "Updates ann.lee (by decision)." in page
    browser.post(address, {"do": "remove"})
    assert not Decision.objects.exists()


@pytest.mark.parametrize(
    ("import_id", "form", "text"),
    [
        (
            "U1",
            {"do": "create", "username": " ann.2 ", "email": "a2@example.org"},
            "Create a new user with the username ann.2 and the e-mail address a2@",
        ),
        ("U1", {"do": "merge U2"}, "Merge with bo of the source."),
        ("U1", {"do": "skip"}, "Skip."),
        (
            "c-news",
            {"do": "change", "name": "#old-news", "private": "on"},
            "Import with these changes: name “old-news”, private room.",
        ),
        ("c-news", {"do": "skip"}, "Skip."),
    ],
)
def test_decisions_are_listed(
    browser: Client,
    operation: ImportOperation,
    import_id: str,
    form: dict[str, str],
    text: str,
) -> None:
    browser.post(decide_address(operation, import_id), form)

    address = f"{BASE}{operation.pk}/decisions/"
    listed = shown(browser, address)
    assert "1 decision" in listed
    assert text in listed
    kind = "user" if import_id == "U1" else "channel"
    browser.post(address, {"do": f"remove {kind} {import_id}"})
    assert not Decision.objects.exists()


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"do": "create", "username": "ä"}, "is not valid"),
        ({"do": "match nobody"}, "there is no user with the ID"),
        ({"do": "change", "name": "x"}, "is not possible for a user"),
        ({"do": "nothing"}, "Select a decision."),
        ({}, "Select a decision."),
    ],
)
def test_errors_are_shown_on_the_page(
    browser: Client, operation: ImportOperation, form: dict[str, str], error: str
) -> None:
    response = browser.post(decide_address(operation, "U1"), form, follow=True)

    assert error in response.content.decode()
    assert not Decision.objects.exists()


def test_a_decided_match_with_a_privileged_user_is_withdrawn_on_its_page_only(
    browser: Client, operation: ImportOperation, admin_user: User
) -> None:
    choice = about_user("U1", "match", target=admin_user.public_id)
    decide(operation, admin_user, choice)

    content = browser.get(f"{BASE}{operation.pk}/select/").content.decode()

    assert "Decision: Match with the user ada." in content
    assert "Withdraw confirmation" not in content
    assert "can confirm the match" not in content


def test_rooms_are_suggested_and_found_if_the_viewer_may_read_them(
    browser: Client, operation: ImportOperation
) -> None:
    for name, kind in (("news", "c"), ("news2", "p"), ("newt", "c"), ("other", "c")):
        Room.objects.create(name=name, type=kind)

    public = shown(browser, decide_address(operation, "c-news", "&who=%23new"))
    private = shown(browser, decide_address(operation, "p-secret", "&who=new"))

    assert "What is <new>" in public
    assert "#news same name public room" in public
    assert "#newt" in public
    assert "#news2" not in public
    assert "No matches" in private  # a private room is not merged into a public one


def test_a_private_target_is_not_named_to_others(
    browser: Client, operation: ImportOperation
) -> None:
    lab = Room.objects.create(name="hidden.lab", type="p")
    role = RoleFactory.create(permissions=["run-import", "view-room-administration"])
    reader = UserFactory.create(roles=[role])
    decide(operation, reader, about_room("c-news", "match", target=lab.public_id))

    for address in (
        f"{BASE}{operation.pk}/decisions/",
        decide_address(operation, "c-news"),
    ):
        assert "Merge into the room a private room that you may not read." in shown(
            browser, address
        )
    document = browser.get(f"{BASE}{operation.pk}/decisions-file/").content.decode()
    assert "hidden.lab" not in document


def test_the_file_is_downloaded_and_uploaded(
    browser: Client, operation: ImportOperation, importer_user: User
) -> None:
    decide(operation, importer_user, about_user("U1", "merge", target="U2"))
    file = browser.get(f"{BASE}{operation.pk}/decisions-file/")
    assert file.headers["Content-Disposition"].startswith("attachment")
    document = json.loads(file.content)
    document["users"].append({"id": "U7", "action": "skip"})
    Decision.objects.all().delete()
    address = f"{BASE}{operation.pk}/decisions/"

    content = io.BytesIO(json.dumps(document).encode())
    response = browser.post(address, {"do": "upload", "file": content})

    assert "1 decision is used. 1 is about a record that" in said(response)
    assert Decision.objects.get().target == "U2"
    for wrong, error in ((io.BytesIO(b"{"), "not valid JSON"), ("", "Choose a file")):
        response = browser.post(address, {"do": "upload", "file": wrong}, follow=True)
        assert error in response.content.decode()
    assert Decision.objects.exists()


def test_decisions_of_the_last_import_of_the_source_are_offered_once(
    browser: Client, operation: ImportOperation, importer_user: User
) -> None:
    target = UserFactory.create()
    decide(
        operation,
        importer_user,
        about_user("U1", "match", target=target.public_id),
        about_user("U2", "skip"),
    )
    target.delete()
    again = stage(
        importer_user,
        user("U1", username="ann"),
        user("U2", username="bo"),
        importer="slack",
    )
    select = f"{BASE}{again.pk}/select/"
    assert (
        "has 2 decisions about users and rooms" in browser.get(select).content.decode()
    )

    address = f"{BASE}{again.pk}/decisions/"
    response = browser.post(address, {"do": "use-offer"})

    assert "1 decision is used." in said(response)
    assert "Not used: `U1`: there is no user" in said(response)
    assert Decision.objects.get(operation=again).import_id == "U2"
    Decision.objects.filter(operation=again).delete()
    assert "Use decisions" not in browser.get(select).content.decode()


def test_an_offer_is_declined(
    browser: Client, operation: ImportOperation, importer_user: User
) -> None:
    decide(operation, importer_user, about_user("U2", "skip"))
    again = stage(importer_user, user("U2", username="bo"), importer="slack")

    response = browser.post(f"{BASE}{again.pk}/decisions/", {"do": "decline-offer"})

    assert (
        "Use decisions"
        not in browser.get(response.headers["Location"]).content.decode()
    )
    assert not again.decisions.exists()


@pytest.mark.parametrize(
    ("workspaces", "import_id", "is_offered"),
    [
        (("T1", "T1"), "U9", True),
        (("T1", "T2"), "U2", False),
        (("T1", ""), "U2", True),
        (("", ""), "U9", False),
    ],
)
def test_decisions_are_offered_for_the_same_source_only(
    browser: Client,
    operation: ImportOperation,
    importer_user: User,
    workspaces: tuple[str, str],
    import_id: str,
    is_offered: bool,
) -> None:
    decide(operation, importer_user, about_user("U2", "skip"))
    again = stage(importer_user, user(import_id, username="x"), importer="slack")
    for one, workspace in zip((operation, again), workspaces, strict=True):
        ImportOperation.objects.filter(pk=one.pk).update(workspace_id=workspace)

    content = browser.get(f"{BASE}{again.pk}/select/").content.decode()

    assert ("Use decisions" in content) is is_offered


def test_pages_need_the_right_to_run_imports(
    operation: ImportOperation, importer_user: User
) -> None:
    viewer = RoleFactory.create(permissions=["view-import-operations"])
    client = Client()
    client.force_login(UserFactory.create(roles=[viewer]))

    for address in (
        decide_address(operation, "U1"),
        f"{BASE}{operation.pk}/decisions/",
        f"{BASE}{operation.pk}/decisions-file/",
    ):
        assert client.get(address).status_code == 403
        assert client.post(address, {"do": "skip"}).status_code == 403
    assert not Decision.objects.exists()


@pytest.mark.parametrize("key", ["", "x", "9" * 30, "0", "²", "direct", "other"])
def test_only_users_and_rooms_of_the_import_have_a_page(
    browser: Client, operation: ImportOperation, importer_user: User, key: str
) -> None:
    if key == "direct":
        key = str(key_of(operation, "U1/U2"))
    elif key == "other":
        other = ImportOperationFactory.create()
        key = str(
            ImportRecord.objects.create(
                operation=other, kind="user", data={"import_ids": ["U1"]}
            ).pk
        )

    address = f"{BASE}{operation.pk}/decide/?record={key}"

    assert browser.get(address).status_code == 404


def test_pages_of_an_import_that_is_not_reviewed_lead_to_its_state(
    browser: Client, operation: ImportOperation, importer_user: User
) -> None:
    decide(operation, importer_user, about_user("U2", "skip"))
    run(operation)
    state = f"{BASE}{operation.pk}/change/"

    address = decide_address(operation, "U1")
    assert browser.get(address).headers["Location"] == state
    assert browser.post(address, {"do": "skip"}).headers["Location"] == state
    listed = f"{BASE}{operation.pk}/decisions/"
    assert "Remove" not in shown(browser, listed)
    assert browser.post(listed, {"do": "remove user U2"}).headers["Location"] == state
    assert Decision.objects.count() == 1
    ended = stage(importer_user, user("U5", username="x"))
    invalidate(operations=[ended], actor=Actor(importer_user), reason=CANCELLED)
    assert browser.get(decide_address(ended, "U5")).status_code == 302


def test_a_long_list_has_pages_and_a_constant_number_of_statements(
    browser: Client, importer_user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "_ROWS", 5)
    names = [f"u{number}" for number in range(11)]
    operation = stage(importer_user, *(user(name, username=name) for name in names))
    address = f"{BASE}{operation.pk}/decisions/"
    counts = []
    for name in names:
        decide(operation, importer_user, about_user(name, "skip"))
        with CaptureQueriesContext(connection) as captured:
            browser.get(address)
        counts.append(len(captured))

    assert counts[1] == counts[-1]
    assert "11 decisions" in shown(browser, address)
    assert "Page 3 of 3" in shown(browser, f"{address}?page=3")


def test_searches_are_limited_and_decisions_are_not(
    browser: Client, operation: ImportOperation, settings: Settings
) -> None:
    settings.RATE_LIMIT = "1/60s"
    UserFactory.create(username="charlie")
    address = decide_address(operation, "U1", "&who=cha")
    assert "charlie" in browser.get(address).content.decode()

    refused = browser.get(address)

    assert refused.status_code == 429
    assert 0 < int(refused["Retry-After"]) <= 60
    content = refused.content.decode()
    assert "Too many searches. Search again in" in content
    assert "charlie" not in content
    assert "No matches" not in content
    browser.post(address, {"do": "skip"})
    assert Decision.objects.get().import_id == "U1"


def test_the_summary_counts_skipped_records_apart(
    browser: Client, operation: ImportOperation, importer_user: User
) -> None:
    decide(operation, importer_user, about_user("U1", "skip"))
    decide(operation, importer_user, about_room("c-news", "skip"))

    page = browser.get(f"{BASE}{operation.pk}/select/")

    summary = page.context["summary"]
    assert (summary.users.selected, summary.users.skipped) == (1, 1)
    assert (summary.rooms.selected, summary.rooms.skipped) == (1, 1)
    assert page.content.decode().count("1 skipped by decision") == 2
