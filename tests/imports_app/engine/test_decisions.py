"""Decisions of people in a run: users, rooms, messages and members."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import EmailAddress, ImportId, User
from imports_app.engine import jobs
from imports_app.engine.matching.decisions import Decisions
from imports_app.engine.run_start import begin_run
from imports_app.models import Decision, ImportOperation, Message, Room, RoomMember
from imports_app.records import Kind, RoomType
from imports_app.selection.rules import EVERYTHING
from imports_app.transitions import Actor
from tests.factories import (
    EmailAddressFactory,
    ImportIdFactory,
    RoleFactory,
    UserFactory,
)
from tests.imports_app.engine.converting import (
    direct,
    message,
    notes,
    outcomes,
    room,
    run,
    stage,
    user,
)
from tests.imports_app.services.review.deciding import about_room, about_user, decide

FAILED = "importer-decision-"


def authors() -> list[str]:
    """Return the usernames of the authors of all messages, in order."""
    return [str(one.author) for one in Message.objects.with_authors().order_by("pk")]


def make_room(name: str, kind: str = "c", **fields: object) -> Room:
    return Room.objects.create(name=name, type=kind, **fields)


@pytest.mark.parametrize("importer", ["csv", "slack"])
def test_messages_members_and_direct_messages_follow_a_match(
    admin_user: User, importer: str
) -> None:
    ann, other = UserFactory.create(username="ann.lee"), UserFactory.create()
    ImportIdFactory.create(user=other, value="U1")  # a wrong match of an earlier import
    operation = stage(
        admin_user,
        user("U1", username="ann", emails=("ann@old.example.org",)),
        user("U2", username="bo"),
        room("news", creator="U1", members=("U1", "U2")),
        direct("U1", "U2"),
        message("c-news", "U1", "hi"),
        message("U1/U2", "U1", "psst", 2),
        importer=importer,
    )
    decide(operation, admin_user, about_user("U1", "match", target=ann.public_id))

    run(operation)

    assert authors() == ["ann.lee", "ann.lee"]
    assert RoomMember.objects.filter(user=ann).count() == 2
    assert not RoomMember.objects.filter(user=other).exists()
    assert Room.objects.get(name="news").creator == ann
    assert list(ann.emails.values_list("address", flat=True)) == ["ann@old.example.org"]
    assert "By decision, matched with 'ann.lee'." in notes(operation)
    assert not User.objects.filter(username="ann").exists()


def test_a_match_gives_the_import_id_to_the_user(admin_user: User) -> None:
    ann = UserFactory.create(username="ann.lee")
    operation = stage(admin_user, user("U1"))  # neither a username nor an address
    decide(operation, admin_user, about_user("U1", "match", target=ann.public_id))

    run(operation)

    assert ann.import_ids.get().value == "U1"
    assert outcomes(operation) == [("updated", "")]


@pytest.mark.parametrize("importer", ["csv", "slack"])
def test_creates_a_user_with_another_username_and_address(
    admin_user: User, importer: str
) -> None:
    ann = UserFactory.create(username="ann", name="Other")
    EmailAddressFactory.create(user=ann, address="ann@example.org")
    operation = stage(
        admin_user,
        user("ann", username="ann", emails=("ann@example.org",), name="Ann"),
        room("news", members=("ann",)),
        message("c-news", "ann", "hi"),
        importer=importer,
    )
    choice = about_user("ann", "create", username="ann.2", email="a2@example.org")
    decide(operation, admin_user, choice)

    run(operation)

    created = User.objects.get(username="ann.2")
    assert (created.name, created.emails.get().address) == ("Ann", "a2@example.org")
    assert authors() == ["ann.2"]
    ann.refresh_from_db()
    assert ann.name == "Other"
    assert not ann.import_ids.exists()


@pytest.mark.parametrize("kept_first", [True, False])
def test_merged_users_become_one_account_in_any_order(
    admin_user: User, kept_first: bool
) -> None:
    kept = user("U1", username="ann", emails=("ann@example.org",))
    other = user("U2", username="anna", emails=("anna@example.org",))
    users = (kept, other) if kept_first else (other, kept)
    operation = stage(
        admin_user,
        *users,
        user("U3", username="bo"),
        room("news", members=("U1", "U2", "U3")),
        direct("U2", "U3"),
        message("c-news", "U1", "one"),
        message("c-news", "U2", "two", 2),
        message("U2/U3", "U2", "three", 3),
        importer="slack",
    )
    decide(operation, admin_user, about_user("U2", "merge", target="U1"))

    run(operation)

    ann = User.objects.get(username="ann")
    assert not User.objects.filter(username="anna").exists()
    assert set(ann.import_ids.values_list("value", flat=True)) == {"U1", "U2"}
    assert set(ann.emails.values_list("address", flat=True)) == {
        "ann@example.org",
        "anna@example.org",
    }
    assert authors() == ["ann"] * 3
    assert RoomMember.objects.filter(user=ann).count() == 2


def test_a_merged_user_follows_the_decision_about_the_other(admin_user: User) -> None:
    ann = UserFactory.create(username="ann.lee")
    operation = stage(
        admin_user,
        user("U2", username="anna"),
        user("U1", username="ann"),
        room("news"),
        message("c-news", "U2", "hi"),
        importer="slack",
    )
    decide(
        operation,
        admin_user,
        about_user("U1", "match", target=ann.public_id),
        about_user("U2", "merge", target="U1"),
    )

    run(operation)

    assert authors() == ["ann.lee"]
    assert set(ann.import_ids.values_list("value", flat=True)) == {"U1", "U2"}


def test_skipped_users_and_rooms_are_not_imported(admin_user: User) -> None:
    operation = stage(
        admin_user,
        user("U1", username="ann"),
        room("news"),
        room("lab"),
        message("c-news", "U1", "hi"),
        message("c-lab", "U1", "hi", 2),
    )
    decide(
        operation,
        admin_user,
        about_user("U1", "skip"),
        about_room("c-news", "skip"),
    )

    run(operation)

    assert not User.objects.filter(username="ann").exists()
    assert list(Room.objects.values_list("name", flat=True)) == ["lab"]
    assert outcomes(operation) == [
        ("skipped", "importer-decision-skip"),
        ("skipped", "importer-decision-skip"),
        ("imported", ""),
        ("failed", "importer-message-unknown-user"),
    ]


def test_renames_a_room_and_makes_it_private(admin_user: User) -> None:
    general = make_room("general")
    operation = stage(
        admin_user,
        user("ann", username="ann"),
        room("general", is_known_by_name=True, members=("ann",)),
        message("c-general", "ann", "hi"),
    )
    choice = about_room("c-general", "change", name="old-general", is_private=True)
    decide(operation, admin_user, choice)

    run(operation)

    renamed = Room.objects.get(name="old-general")
    assert (renamed.type, renamed.message_count) == ("p", 1)
    general.refresh_from_db()
    assert (general.type, general.message_count) == ("c", 0)


def test_another_room_is_never_matched_by_a_decided_name(admin_user: User) -> None:
    rooms = (
        room("general", is_known_by_name=True),
        room("dev", is_known_by_name=True),
    )
    operation = stage(admin_user, *rooms)
    decide(operation, admin_user, about_room("c-general", "change", name="old"))
    Decision.objects.update(value={"name": "dev"})  # as if the source had no dev

    run(operation)

    assert set(Room.objects.values_list("name", flat=True)) == {"dev", "dev-2"}


def test_merges_a_room_into_an_existing_one_without_changing_it(
    admin_user: User,
) -> None:
    lab = make_room("lab", "p", topic="Ours", display_name="lab")
    operation = stage(
        admin_user,
        user("ann", username="ann"),
        room("news", topic="Theirs", is_archived=True, members=("ann",)),
        message("c-news", "ann", "hi"),
    )
    decide(operation, admin_user, about_room("c-news", "match", target=lab.public_id))

    run(operation)

    lab.refresh_from_db()
    assert (lab.topic, lab.is_archived, lab.message_count) == ("Ours", False, 1)
    assert lab.type == "p"
    assert not Room.objects.filter(name="news").exists()
    assert lab.members.count() == 1


def test_records_fail_if_the_target_was_deleted_meanwhile(admin_user: User) -> None:
    ann, lab = UserFactory.create(username="ann.lee"), make_room("lab")
    UserFactory.create(username="ann")  # a source that knows users by username
    operation = stage(
        admin_user,
        user("ann", username="ann"),
        user("bo", username="bo"),
        room("news"),
        room("lobby"),
        message("c-news", "bo", "hi"),
        message("c-lobby", "ann", "never by the other ann", 2),
    )
    decide(
        operation,
        admin_user,
        about_user("ann", "match", target=ann.public_id),
        about_room("c-news", "match", target=lab.public_id),
    )
    ann.delete()
    lab.delete()

    run(operation)

    assert outcomes(operation) == [
        ("failed", "importer-decision-target-missing"),
        ("imported", ""),
        ("failed", "importer-decision-target-missing"),
        ("imported", ""),
        ("failed", "importer-message-unknown-room"),
        ("failed", "importer-message-unknown-user"),
    ]
    assert not Message.objects.exists()


def test_records_fail_if_the_name_or_address_was_taken_meanwhile(
    admin_user: User,
) -> None:
    operation = stage(
        admin_user,
        user("U1", username="ann"),
        user("U2", username="bo"),
        user("U3", username="cy"),
        room("news"),
        importer="slack",
    )
    decide(
        operation,
        admin_user,
        about_user("U1", "create", username="ann.2"),
        about_user("U2", "create", email="bo@example.org"),
        about_user("U3", "create", username="cy.2"),
        about_room("c-news", "change", name="news.2"),
    )
    UserFactory.create(username="ANN.2")
    EmailAddressFactory.create(address="Bo@example.org")
    ImportIdFactory.create(value="U3")
    make_room("news.2")

    run(operation)

    assert [code.removeprefix(FAILED) for _outcome, code in outcomes(operation)] == [
        *("name-taken", "address-taken", "exists", "name-taken")
    ]


def test_records_fail_if_the_maker_lost_the_right(admin_user: User) -> None:
    editor = UserFactory.create(
        roles=[
            RoleFactory.create(permissions=["run-import", "view-room-administration"])
        ]
    )
    ann, lab = UserFactory.create(), make_room("lab", "p")
    operation = stage(admin_user, user("U1", username="ann"), room("news"))
    decide(
        operation,
        editor,
        about_user("U1", "match", target=ann.public_id),
        about_room("c-news", "match", target=lab.public_id),
    )
    editor.roles.clear()

    run(operation)

    assert outcomes(operation) == [("failed", f"{FAILED}not-allowed")] * 2
    assert not ImportId.objects.exists()


def test_a_match_with_a_privileged_user_needs_the_rights_in_the_run_too(
    admin_user: User,
) -> None:
    other = UserFactory.create(roles=["admin"])
    records = (
        user("U1", username="ann", emails=("new@example.org",)),
        room("news"),
        message("c-news", "U1", "hi"),
    )
    choice = about_user("U1", "match", target=admin_user.public_id)
    first = stage(other, *records)
    decide(first, other, choice)
    run(first)
    assert authors() == [admin_user.username]
    assert not EmailAddress.objects.exists()  # privileged users are not changed
    ImportId.objects.all().delete()

    second = stage(other, *records)
    decide(second, other, choice)
    other.roles.clear()
    run(second)

    assert outcomes(second)[0] == ("failed", f"{FAILED}not-allowed")
    assert outcomes(second)[2] == ("failed", "importer-message-unknown-user")
    assert not ImportId.objects.exists()


def test_a_room_that_became_public_gets_no_private_messages(
    admin_user: User,
) -> None:
    lab = make_room("lab", "p")
    operation = stage(admin_user, room("secret", RoomType.PRIVATE))
    choice = about_room("p-secret", "match", target=lab.public_id)
    decide(operation, admin_user, choice)
    Room.objects.update(type="c")

    run(operation)

    assert outcomes(operation) == [("failed", f"{FAILED}privacy")]


def test_decisions_hold_when_an_import_is_repeated(admin_user: User) -> None:
    records = (
        user("U1", username="ann"),
        room("news"),
        message("c-news", "U1", "hi"),
    )
    choices = (
        about_user("U1", "create", username="ann.2"),
        about_room("c-news", "change", name="news.2", is_private=True),
    )
    for _time in range(2):
        operation = stage(admin_user, *records, importer="slack")
        decide(operation, admin_user, *choices)
        run(operation)

    assert [one for one, _code in outcomes(operation)] == ["unchanged"] * 2
    assert authors() == ["ann.2"]
    assert User.objects.count() == 2
    assert Room.objects.get().name == "news.2"


def statements_of_a_run(operation: ImportOperation, initiator: User) -> int:
    begin_run(operation=operation, selection=EVERYTHING, actor=Actor(initiator))
    with CaptureQueriesContext(
        connection,
    ) as captured:
        jobs.run(operation.pk)
    return len(captured)


def test_the_number_of_statements_does_not_depend_on_the_number_of_decisions(
    admin_user: User,
) -> None:
    counts = []
    for number in (1, 2, 11):
        names = [f"u{number}-{index}" for index in range(12)]
        operation = stage(admin_user, *(user(name, username=name) for name in names))
        for name in names[:number]:
            target = UserFactory.create()
            choice = about_user(name, "match", target=target.public_id)
            decide(operation, admin_user, choice)
        counts.append(statements_of_a_run(operation, admin_user))

    assert counts[1] == counts[2]  # the first run also fills caches


def test_an_import_without_decisions_needs_one_query_to_know(
    admin_user: User,
) -> None:
    operation = stage(admin_user, user("U1", username="ann"))

    with CaptureQueriesContext(connection) as captured:
        decisions = Decisions(operation.pk)
        decisions.identities()
        assert not decisions
        assert decisions.note(Kind.USER, "U1") == ""

    assert len(captured) == 1
