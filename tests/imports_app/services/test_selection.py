"""Selection of records before an import starts."""

from __future__ import annotations

import pytest

from accounts.models import User
from imports_app.errors import OperationUnusableStatusError, SelectionTooLongError
from imports_app.models import ImportOperation
from imports_app.records import Kind, RoomType
from imports_app.selection.query import filter_selected, selectable_records
from imports_app.selection.rules import (
    EVERYTHING,
    MAX_NAMED_RECORDS,
    KindSelection,
    Rule,
    Selection,
)
from imports_app.services.operations import cancel_operation
from imports_app.services.selection import (
    MAX_RULES,
    get_selection,
    select_direct_messages,
    select_matching,
    select_records,
)
from imports_app.transitions import Actor
from tests.imports_app.engine.converting import direct, room, stage, user


@pytest.fixture
def operation(admin_user: User) -> ImportOperation:
    people = (user(f"U{number}", username=f"u{number}") for number in range(12))
    rooms = (room("news"), room("lab", RoomType.PRIVATE), direct("U1", "U2"))
    return stage(admin_user, *people, *rooms)


def selected_ids(operation: ImportOperation, kind: Kind = Kind.USER) -> set[str]:
    operation.refresh_from_db()
    rows = selectable_records(operation.pk, kind)
    choice = get_selection(operation).of(kind)
    return set(filter_selected(rows, kind, choice).values_list("import_id", flat=True))


def includes_direct_messages(operation: ImportOperation) -> bool:
    operation.refresh_from_db()
    return get_selection(operation).channels.includes("__directMessages__")


def test_everything_is_selected_by_default(operation: ImportOperation) -> None:
    assert get_selection(operation) == EVERYTHING


def test_the_last_rule_or_choice_wins(operation: ImportOperation) -> None:
    def match(takes: bool, text: str) -> None:
        rule = Rule(takes=takes, text=text)
        select_matching(operation=operation, kind=Kind.USER, rule=rule)

    def pick(selected: set[str], deselected: set[str]) -> None:
        select_records(
            operation=operation,
            kind=Kind.USER,
            selected=selected,
            deselected=deselected,
        )

    match(False, "")
    assert selected_ids(operation) == set()
    match(True, "u1")
    assert selected_ids(operation) == {"U1", "U10", "U11"}
    pick({"U5"}, {"U10"})
    assert selected_ids(operation) == {"U1", "U5", "U11"}
    match(True, "u10")
    assert selected_ids(operation) == {"U1", "U5", "U10", "U11"}
    match(False, "u1")
    assert selected_ids(operation) == {"U5"}
    match(True, "")
    assert len(selected_ids(operation)) == 12
    assert get_selection(operation).users == KindSelection(everything=True)


def test_room_rules_keep_the_choice_of_direct_messages(
    operation: ImportOperation,
) -> None:
    select_direct_messages(operation=operation, is_selected=False)
    select_matching(operation=operation, kind=Kind.CHANNEL, rule=Rule(True))
    assert not includes_direct_messages(operation)
    assert selected_ids(operation, Kind.CHANNEL) == {"c-news", "p-lab"}

    select_direct_messages(operation=operation, is_selected=True)
    select_matching(operation=operation, kind=Kind.CHANNEL, rule=Rule(False))

    assert includes_direct_messages(operation)
    assert selected_ids(operation, Kind.CHANNEL) == set()


def test_every_change_increments_the_revision(operation: ImportOperation) -> None:
    before = operation.revision

    select_direct_messages(operation=operation, is_selected=False)

    operation.refresh_from_db()
    assert operation.revision == before + 1


def test_too_many_records_or_rules_are_rejected(operation: ImportOperation) -> None:
    names = {f"x{number}" for number in range(MAX_NAMED_RECORDS + 1)}
    with pytest.raises(SelectionTooLongError):
        select_records(
            operation=operation, kind=Kind.USER, selected=names, deselected=set()
        )
    for number in range(MAX_RULES):
        rule = Rule(False, text=f"{number}.")
        select_matching(operation=operation, kind=Kind.USER, rule=rule)
    with pytest.raises(SelectionTooLongError):
        select_matching(operation=operation, kind=Kind.USER, rule=Rule(False, "more"))

    assert len(selected_ids(operation)) == 12


def test_an_equal_rule_replaces_the_earlier_one(
    operation: ImportOperation,
) -> None:
    for takes in (False, True, False):
        rule = Rule(takes, text="u1")
        select_matching(operation=operation, kind=Kind.USER, rule=rule)

    operation.refresh_from_db()
    assert get_selection(operation).users.rules == (Rule(False, text="u1"),)


def test_a_stored_list_over_the_limit_is_ignored(
    operation: ImportOperation,
) -> None:
    ids = frozenset(str(number) for number in range(MAX_NAMED_RECORDS + 1))
    operation.selection = Selection(users=KindSelection(ids=ids)).as_json()

    assert get_selection(operation) == EVERYTHING


def test_a_cancelled_import_rejects_selections(
    operation: ImportOperation, admin_user: User
) -> None:
    cancel_operation(operation=operation, actor=Actor(admin_user))

    with pytest.raises(OperationUnusableStatusError):
        select_direct_messages(operation=operation, is_selected=False)
