"""Rules select the same records in lists and in runs."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from imports_app.models import ImportOperation, ImportRecord, Message, Room
from imports_app.records import Kind, RoomType
from imports_app.selection.query import (
    count_direct_messages,
    count_selected,
    filter_selected,
    selectable_records,
)
from imports_app.selection.rules import (
    ALL,
    DIRECT_MESSAGES,
    EVERYTHING,
    KindSelection,
    Rule,
    Selection,
)
from tests.factories import EmailAddressFactory, UserFactory
from tests.imports_app.engine.converting import (
    convert,
    direct,
    message,
    room,
    stage,
    user,
)

PEOPLE = (
    user("U1", username="ann", name="Ann Lee", emails=("Ann@Example.org",)),
    user("U2", username="robo", is_bot=True),
    user("U3", username="gone", is_deleted=True),
    user("U4", username="ÉVA", is_deleted=False),
)
ROOMS = (
    room("news"),
    room("lab", RoomType.PRIVATE),
    room("old", is_archived=True),
    direct("U1", "U4"),
)


def selected_ids(
    operation: ImportOperation, kind: Kind, choice: KindSelection
) -> set[str]:
    rows = filter_selected(selectable_records(operation.pk, kind), kind, choice)
    return set(rows.values_list("import_id", flat=True))


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (ALL, {"U1", "U2", "U3", "U4"}),
        (KindSelection(), set()),
        (KindSelection(ids=frozenset({"U2"})), {"U2"}),
        (KindSelection(True, deselected=frozenset({"U2"})), {"U1", "U3", "U4"}),
        (KindSelection(rules=(Rule(True, "lee"),)), {"U1"}),
        (KindSelection(rules=(Rule(True, "EXAMPLE.ORG"),)), {"U1"}),
        (KindSelection(rules=(Rule(True, "éva"),)), {"U4"}),
        (KindSelection(rules=(Rule(True, "u3"),)), {"U3"}),
        (KindSelection(rules=(Rule(True, "%"),)), set()),
        (KindSelection(True, rules=(Rule(False, trait="bots"),)), {"U1", "U3", "U4"}),
        (KindSelection(rules=(Rule(True, trait="people"),)), {"U1", "U4"}),
        (KindSelection(rules=(Rule(True, trait="deleted"),)), {"U3"}),
        (KindSelection(rules=(Rule(True, trait="no-email"),)), {"U2", "U3", "U4"}),
        (KindSelection(rules=(Rule(True, "ob", "bots"),)), {"U2"}),
        # The last rule that matches decides, and a name decides before all rules.
        (
            KindSelection(True, rules=(Rule(False, "n"), Rule(True, "ann"))),
            {"U1", "U2", "U4"},
        ),
        (
            KindSelection(True, rules=(Rule(True, "ann"), Rule(False, "n"))),
            {"U2", "U4"},
        ),
        (KindSelection(ids=frozenset({"U3"}), rules=(Rule(False),)), {"U3"}),
    ],
)
def test_rules_select_users(
    admin_user: User, choice: KindSelection, expected: set[str]
) -> None:
    listed = stage(admin_user, *PEOPLE)
    assert selected_ids(listed, Kind.USER, choice) == expected

    run = convert(admin_user, *PEOPLE, selection=Selection(users=choice))

    came_in = ImportRecord.objects.of_kind(run.pk, Kind.USER).filter(outcome="imported")
    assert set(came_in.values_list("import_id", flat=True)) == expected


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (ALL, {"lab", "news", "old", ""}),
        (KindSelection(rules=(Rule(True, trait="public"),)), {"news", "old"}),
        (KindSelection(rules=(Rule(True, trait="private"),)), {"lab"}),
        (
            KindSelection(True, rules=(Rule(False, trait="archived"),)),
            {"lab", "news", ""},
        ),
        (KindSelection(ids=frozenset({DIRECT_MESSAGES})), {""}),
        (
            KindSelection(True, deselected=frozenset({DIRECT_MESSAGES})),
            {"lab", "news", "old"},
        ),
        (KindSelection(rules=(Rule(True),)), {"lab", "news", "old"}),
    ],
)
def test_rules_select_rooms_and_direct_rooms_together(
    admin_user: User, choice: KindSelection, expected: set[str]
) -> None:
    selection = Selection(users=ALL, channels=choice)

    convert(admin_user, *PEOPLE, *ROOMS, selection=selection)

    assert {one.name or "" for one in Room.objects.all()} == expected


def test_messages_of_rooms_deselected_by_a_rule_are_skipped(admin_user: User) -> None:
    said = [message(f"{kind}-{name}", "U1", name, number) for number, (kind, name) in
            enumerate([("c", "news"), ("p", "lab")], 1)]  # fmt: skip
    channels = KindSelection(True, rules=(Rule(False, trait="private"),))

    run = convert(
        admin_user, *PEOPLE, *ROOMS, *said, selection=Selection(ALL, ALL, channels)
    )

    assert [one.text for one in Message.objects.all()] == ["news"]
    counts = run.kind_counts.get(kind="message")
    assert (counts.imported, counts.skipped, counts.failed) == (1, 1, 0)


def test_new_users_can_be_selected(admin_user: User) -> None:
    convert(admin_user, PEOPLE[0], ROOMS[0])
    UserFactory.create(username="ROBO")
    EmailAddressFactory.create(address="who@example.org")
    newcomer = user("U9", username="who", emails=("WHO@example.org",))
    operation = stage(admin_user, *PEOPLE, newcomer, *ROOMS)
    is_new = KindSelection(rules=(Rule(True, trait="new"),))

    assert selected_ids(operation, Kind.USER, is_new) == {"U3", "U4"}
    assert selected_ids(operation, Kind.CHANNEL, is_new) == {"p-lab", "c-old"}


def test_selection_is_restored_from_json() -> None:
    selection = Selection(
        users=KindSelection(
            True, frozenset("a"), frozenset("b"), (Rule(False, "x", "bots"),)
        )
    )

    assert Selection.from_json(selection.as_json()) == selection


def test_selection_without_rules_is_restored() -> None:
    stored: Any = {"users": {"everything": False, "ids": ["a"]}}

    assert Selection.from_json(stored) == Selection(
        users=KindSelection(ids=frozenset("a"))
    )


def test_counts_of_a_selection(admin_user: User) -> None:
    convert(admin_user, PEOPLE[0], ROOMS[0], ROOMS[3])
    operation = stage(admin_user, *PEOPLE, *ROOMS)
    without_bots = KindSelection(True, rules=(Rule(False, trait="bots"),))

    users = count_selected(operation.pk, Kind.USER, without_bots)
    directs = count_direct_messages(operation.pk, EVERYTHING.channels)

    # The partner in the direct room got an account, too.
    assert (users.found, users.selected, users.existing) == (4, 3, 2)
    assert (directs.found, directs.selected, directs.existing) == (1, 1, 1)
    assert count_direct_messages(operation.pk, KindSelection()).selected == 0
