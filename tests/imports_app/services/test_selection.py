"""Choosing, step by step, before an import starts."""

from __future__ import annotations

import pytest

from accounts.models import User
from imports_app.errors import OperationUnusableStatusError, SelectionTooLongError
from imports_app.models import ImportOperation
from imports_app.records import Kind, RoomType
from imports_app.selection.query import filter_selected, selectable_records
from imports_app.selection.rules import EVERYTHING, KindSelection, Rule, Selection
from imports_app.services.operations import cancel_operation
from imports_app.services.selection import (
    MOST_NAMED,
    MOST_RULES,
    draft_of,
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


def chosen(operation: ImportOperation, kind: Kind = Kind.USER) -> set[str]:
    operation.refresh_from_db()
    rows = selectable_records(operation.pk, kind)
    choice = draft_of(operation).of(kind)
    return set(filter_selected(rows, kind, choice).values_list("import_id", flat=True))


def directs(operation: ImportOperation) -> bool:
    operation.refresh_from_db()
    return draft_of(operation).channels.includes("__directMessages__")


def test_everything_is_chosen_at_first(operation: ImportOperation) -> None:
    assert draft_of(operation) == EVERYTHING


def test_the_last_choice_counts(operation: ImportOperation) -> None:
    def match(takes: bool, text: str) -> None:
        rule = Rule(takes=takes, text=text)
        select_matching(operation=operation, kind=Kind.USER, rule=rule)

    def pick(taken: set[str], left_out: set[str]) -> None:
        select_records(
            operation=operation, kind=Kind.USER, taken=taken, left_out=left_out
        )

    match(False, "")
    assert chosen(operation) == set()
    match(True, "u1")
    assert chosen(operation) == {"U1", "U10", "U11"}
    pick({"U5"}, {"U10"})
    assert chosen(operation) == {"U1", "U5", "U11"}
    match(True, "u10")
    assert chosen(operation) == {"U1", "U5", "U10", "U11"}
    match(False, "u1")
    assert chosen(operation) == {"U5"}
    match(True, "")
    assert len(chosen(operation)) == 12
    assert draft_of(operation).users == KindSelection(everything=True)


def test_direct_rooms_keep_their_own_choice(operation: ImportOperation) -> None:
    select_direct_messages(operation=operation, takes=False)
    select_matching(operation=operation, kind=Kind.CHANNEL, rule=Rule(True))
    assert not directs(operation)
    assert chosen(operation, Kind.CHANNEL) == {"c-news", "p-lab"}

    select_direct_messages(operation=operation, takes=True)
    select_matching(operation=operation, kind=Kind.CHANNEL, rule=Rule(False))

    assert directs(operation)
    assert chosen(operation, Kind.CHANNEL) == set()


def test_every_choice_is_a_new_version(operation: ImportOperation) -> None:
    before = operation.revision

    select_direct_messages(operation=operation, takes=False)

    operation.refresh_from_db()
    assert operation.revision == before + 1


def test_too_many_names_and_rules_are_refused(operation: ImportOperation) -> None:
    names = {f"x{number}" for number in range(MOST_NAMED + 1)}
    with pytest.raises(SelectionTooLongError):
        select_records(operation=operation, kind=Kind.USER, taken=names, left_out=set())
    for number in range(MOST_RULES):
        rule = Rule(False, text=f"{number}.")
        select_matching(operation=operation, kind=Kind.USER, rule=rule)
    with pytest.raises(SelectionTooLongError):
        select_matching(operation=operation, kind=Kind.USER, rule=Rule(False, "more"))

    assert len(chosen(operation)) == 12


def test_the_same_rule_again_takes_the_place_of_the_first(
    operation: ImportOperation,
) -> None:
    for takes in (False, True, False):
        rule = Rule(takes, text="u1")
        select_matching(operation=operation, kind=Kind.USER, rule=rule)

    operation.refresh_from_db()
    assert draft_of(operation).users.rules == (Rule(False, text="u1"),)


def test_a_long_list_from_an_earlier_run_is_not_taken_up(
    operation: ImportOperation,
) -> None:
    ids = frozenset(str(number) for number in range(MOST_NAMED + 1))
    operation.selection = Selection(users=KindSelection(ids=ids)).as_json()

    assert draft_of(operation) == EVERYTHING


def test_nothing_is_chosen_once_it_is_over(
    operation: ImportOperation, admin_user: User
) -> None:
    cancel_operation(operation=operation, actor=Actor(admin_user))

    with pytest.raises(OperationUnusableStatusError):
        select_direct_messages(operation=operation, takes=False)
