"""Decisions are validated, need rights, and are logged."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import ActivityEntry, User
from imports_app.errors import (
    DecisionFileError,
    DecisionForbiddenError,
    DecisionInvalidError,
    OperationUnusableStatusError,
)
from imports_app.models import Decision, ImportOperation, Room, RoomMember
from imports_app.records import Kind, RoomType
from imports_app.services.review import decisions as service
from imports_app.services.review.choices import Choice
from imports_app.services.review.decisions import (
    add_valid_decisions,
    remove_decision,
    replace_decisions,
)
from imports_app.services.runs import retry_operation
from imports_app.transitions import Actor
from tests.factories import (
    EmailAddressFactory,
    ImportIdFactory,
    RoleFactory,
    UserFactory,
)
from tests.imports_app.engine.converting import direct, room, run, stage, user
from tests.imports_app.services.review.deciding import about_room, about_user, decide


@pytest.fixture
def operation(admin_user: User) -> ImportOperation:
    UserFactory.create(username="taken")
    EmailAddressFactory.create(address="taken@example.org")
    Room.objects.create(name="taken", type="c")
    return stage(
        admin_user,
        user("U1", username="ann", emails=("ann@example.org",)),
        user("U2", username="bo", emails=("bo@example.org",)),
        user("U3", username="anna", emails=("ANN@example.org",)),
        room("news"),
        room("secret", RoomType.PRIVATE),
        direct("U1", "U2"),
        importer="slack",
    )


def importer_with(*permissions: str) -> User:
    role = RoleFactory.create(permissions=["run-import", *permissions])
    return UserFactory.create(roles=[role])


@pytest.mark.parametrize(
    ("choice", "reason"),
    [
        (about_user("U9", "skip"), "no record with the ID 'U9'"),
        (about_user("U1", "match", target="x" * 17), "there is no user with the ID"),
        (about_user("U1", "merge", target="U1"), "can't be merged with itself"),
        (about_user("U1", "merge", target="U9"), "has no user with the ID 'U9'"),
        (about_user("U1", "create"), "enter another username"),
        (about_user("U1", "create", username="a b"), "'a b' is not valid"),
        (about_user("U1", "create", username="a" * 201), "is not valid"),
        (about_user("U1", "create", username="Admin"), "'Admin' is reserved"),
        (about_user("U2", "create", email="bo"), "address 'bo' is not valid"),
        (about_user("U2", "create", username="TAKEN"), "username 'TAKEN' is taken"),
        (about_user("U2", "create", username="Ann"), "another user of the source"),
        (
            about_user("U2", "create", email="Taken@example.org"),
            "belongs to an existing user",
        ),
        (
            about_user("U2", "create", email="Ann@example.org"),
            "another user of the source has the address",
        ),
        (
            about_user("U3", "create", username="anna.2"),
            "merge the two users",
        ),
        (about_room("c-news", "match", target="x" * 17), "there is no room"),
        (about_room("c-news", "change"), "enter another name"),
        (about_room("c-news", "change", name="a b"), "'a b' is not valid"),
        (about_room("c-news", "change", name="taken"), "'taken' is taken"),
        (about_room("c-news", "change", name="secret"), "another room of the source"),
        (about_room("U1/U2", "skip"), "direct messages are selected together"),
    ],
    ids=str,
)
def test_refuses_what_a_run_could_not_do(
    admin_user: User, operation: ImportOperation, choice: Choice, reason: str
) -> None:
    with pytest.raises(DecisionInvalidError) as caught:
        decide(operation, admin_user, choice)

    assert reason in caught.value.message
    assert choice.import_id in caught.value.message
    assert not Decision.objects.exists()


@pytest.mark.parametrize("action", ["skip", "merge"])
def test_merged_users_cannot_be_merge_targets(
    admin_user: User, operation: ImportOperation, action: str
) -> None:
    target = {"target": "U3"} if action == "merge" else {}
    decide(operation, admin_user, about_user("U2", action, **target))

    with pytest.raises(DecisionInvalidError, match="itself skipped or merged"):
        decide(operation, admin_user, about_user("U1", "merge", target="U2"))


@pytest.mark.parametrize("action", ["skip", "merge"])
def test_a_user_whom_others_are_merged_into_stays(
    admin_user: User, operation: ImportOperation, action: str
) -> None:
    decide(operation, admin_user, about_user("U1", "merge", target="U2"))

    target = {"target": "U3"} if action == "merge" else {}
    with pytest.raises(DecisionInvalidError, match="merged into this one"):
        decide(operation, admin_user, about_user("U2", action, **target))


def test_users_and_rooms_of_earlier_imports_are_not_created_again(
    admin_user: User, operation: ImportOperation
) -> None:
    ImportIdFactory.create(user=UserFactory.create(username="ann.lee"), value="U1")
    old = Room.objects.create(name="old", type="c")
    old.import_ids.create(value="c-news")

    with pytest.raises(DecisionInvalidError, match="with the user ann"):
        decide(operation, admin_user, about_user("U1", "create", username="ann.2"))
    with pytest.raises(DecisionInvalidError, match="already exists as old"):
        decide(operation, admin_user, about_room("c-news", "change", name="new"))
    decide(operation, admin_user, about_room("c-news", "change", is_private=True))


def test_a_new_decision_replaces_the_one_before(
    admin_user: User, operation: ImportOperation
) -> None:
    decide(
        operation,
        admin_user,
        about_user("U1", "skip"),
        about_user("U1", "merge", target="U2"),
    )

    [decision] = Decision.objects.all()
    assert (decision.action, decision.target_name) == ("merge", "bo")
    assert decision.made_by == admin_user.public_id


def test_matching_a_privileged_user_needs_all_rights_of_that_user(
    admin_user: User, operation: ImportOperation
) -> None:
    choice = about_user("U1", "match", target=admin_user.public_id)

    for person in (importer_with(), importer_with("edit-other-user-info")):
        with pytest.raises(DecisionForbiddenError, match="every permission of"):
            decide(operation, person, choice)
    decide(operation, admin_user, choice)

    logged = ActivityEntry.objects.get(subject="user", name="ada")
    assert logged.after == {"matched import ID": "U1", "import": operation.public_id}
    numbers = ActivityEntry.objects.filter(subject="import", name=str(operation))
    assert {"decisions added": 1} in numbers.values_list("after", flat=True)


def test_a_private_room_is_only_offered_to_people_who_may_read_it(
    operation: ImportOperation,
) -> None:
    lab = Room.objects.create(name="lab", type="p")
    choice = about_room("p-secret", "match", target=lab.public_id)
    member = importer_with()
    RoomMember.objects.create(room=lab, user=member)

    with pytest.raises(DecisionForbiddenError, match="that you may read"):
        decide(operation, importer_with(), choice)
    decide(operation, importer_with("view-room-administration"), choice)
    decide(operation, member, choice)


def test_a_private_room_is_never_merged_into_a_public_one(
    admin_user: User, operation: ImportOperation
) -> None:
    lab = Room.objects.create(name="lab", type="c")

    with pytest.raises(DecisionInvalidError, match="would become public"):
        decide(
            operation,
            admin_user,
            about_room("p-secret", "match", target=lab.public_id),
        )
    decide(operation, admin_user, about_room("c-news", "match", target=lab.public_id))


def test_a_room_is_never_merged_into_direct_messages(
    admin_user: User, operation: ImportOperation
) -> None:
    chat = Room.objects.create(type="d", member_key="x")

    with pytest.raises(DecisionInvalidError, match="into direct messages"):
        decide(
            operation,
            admin_user,
            about_room("c-news", "match", target=chat.public_id),
        )


def test_decisions_are_removed_and_only_before_the_run(
    admin_user: User, operation: ImportOperation
) -> None:
    actor = Actor(admin_user)
    decide(operation, admin_user, about_user("U1", "skip"))
    where: dict[str, Any] = {"operation": operation, "kind": Kind.USER, "actor": actor}
    assert remove_decision(import_id="U1", **where)
    assert not remove_decision(import_id="U1", **where)
    decide(operation, admin_user, about_user("U1", "skip"))

    run(operation)

    with pytest.raises(OperationUnusableStatusError):
        decide(operation, admin_user, about_user("U2", "skip"))
    with pytest.raises(OperationUnusableStatusError):
        remove_decision(import_id="U1", **where)
    assert Decision.objects.count() == 1


def test_a_decision_changes_the_revision_of_the_import(
    admin_user: User, operation: ImportOperation
) -> None:
    before = ImportOperation.objects.get().revision

    decide(operation, admin_user, about_user("U1", "skip"))

    assert ImportOperation.objects.get().revision > before


def test_a_set_of_decisions_is_replaced_as_a_whole_or_not_at_all(
    admin_user: User, operation: ImportOperation
) -> None:
    decide(operation, admin_user, about_user("U1", "skip"))
    actor = Actor(admin_user)
    choices = [about_user("U2", "skip"), about_user("U9", "skip")]

    assert replace_decisions(operation=operation, choices=choices, actor=actor) == [
        "U9"
    ]
    assert [one.import_id for one in Decision.objects.all()] == ["U2"]
    wrong = [about_user("U1", "skip"), about_user("U3", "merge", target="U9")]
    with pytest.raises(DecisionInvalidError):
        replace_decisions(operation=operation, choices=wrong, actor=actor)
    assert [one.import_id for one in Decision.objects.all()] == ["U2"]


def test_swapped_names_within_a_set_are_refused_for_users_and_allowed_for_none(
    admin_user: User, operation: ImportOperation
) -> None:
    choices = [
        about_user("U1", "create", username="x.1", email="x1@example.org"),
        about_user("U2", "create", username="X.1"),
    ]

    with pytest.raises(DecisionInvalidError, match="another user of the source"):
        replace_decisions(operation=operation, choices=choices, actor=Actor(admin_user))


def test_only_possible_decisions_are_added_and_the_others_returned(
    admin_user: User, operation: ImportOperation
) -> None:
    decide(operation, admin_user, about_user("U1", "skip"))
    choices = [
        about_user("U1", "merge", target="U2"),  # there is a decision already
        about_user("U2", "skip"),
        about_user("U3", "match", target="gone"),
        about_user("U9", "skip"),
    ]

    checked = add_valid_decisions(
        operation=operation, choices=choices, actor=Actor(admin_user)
    )

    assert [one.import_id for one in checked.decisions] == ["U2"]
    assert [one.choice.import_id for one in checked.problems] == ["U3"]
    assert [one.import_id for one in checked.absent] == ["U9"]
    assert Decision.objects.get(import_id="U1").action == "skip"


def test_the_number_of_decisions_is_limited(
    admin_user: User, operation: ImportOperation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "MAX_DECISIONS", 1)
    decide(operation, admin_user, about_user("U1", "skip"))

    with pytest.raises(DecisionFileError, match="these would be 2"):
        decide(operation, admin_user, about_user("U2", "skip"))


def test_the_number_of_statements_does_not_depend_on_the_number_of_decisions(
    admin_user: User,
) -> None:
    counts = []
    for number in (3, 3, 30):
        names = [f"n{number}.{index}" for index in range(number)]
        staged = stage(
            admin_user,
            *(user(name, username=name) for name in names),
            importer="slack",
        )
        choices = [about_user(name, "create", username=f"{name}.x") for name in names]
        with CaptureQueriesContext(connection) as captured:
            replace_decisions(
                operation=staged, choices=choices, actor=Actor(admin_user)
            )
        counts.append(len(captured))

    assert counts[1] == counts[2]


def test_a_retry_keeps_the_decisions(admin_user: User) -> None:
    target = UserFactory.create()
    operation = stage(
        admin_user, user("U1", username="ann"), room("!!!"), importer="slack"
    )
    decide(operation, admin_user, about_user("U1", "match", target=target.public_id))
    run(operation)

    child = retry_operation(operation=operation, actor=Actor(admin_user))

    [decision] = child.decisions.all()
    assert (decision.import_id, decision.target) == ("U1", target.public_id)
