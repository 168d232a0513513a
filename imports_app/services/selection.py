"""The selection that people make of a source before they start its import.

It is kept with the operation, so that it outlives pages, browsers and days.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Any, Final

from django.db import transaction

from imports_app.errors import OperationUnusableStatusError, SelectionTooLongError
from imports_app.models import ImportOperation
from imports_app.records import Kind
from imports_app.selection.query import (
    includes_direct_messages,
    search_condition,
    selectable_records,
)
from imports_app.selection.rules import (
    DIRECT_MESSAGES,
    EVERYTHING,
    KindSelection,
    Rule,
    Selection,
)
from imports_app.statuses import Status

MOST_NAMED: Final = 5_000
"""Records that are taken in or left out one by one; more want a rule."""
MOST_RULES: Final = 20
_FIELD_OF: Final = {Kind.USER: "users", Kind.CHANNEL: "channels"}


def draft_of(operation: ImportOperation) -> Selection:
    """Return what is selected by now: everything, until somebody chooses."""
    if not operation.selection:
        return EVERYTHING
    selection = Selection.from_json(operation.selection)
    chosen = (selection.users, selection.channels)
    is_long = any(len(one.ids | one.left_out) > MOST_NAMED for one in chosen)
    return EVERYTHING if is_long else selection


@transaction.atomic
def select_records(
    *,
    operation: ImportOperation,
    kind: Kind,
    taken: AbstractSet[str],
    left_out: AbstractSet[str],
) -> None:
    """Take some records in and leave others out, by their first import ids.

    Raises:
        OperationUnusableStatusError: It waits for no selection any more.
        SelectionTooLongError: Too many are named.
    """
    selection = lock_selection(operation)
    choice = selection.of(kind)
    _write(
        operation,
        selection,
        kind,
        replace(
            choice,
            ids=choice.ids - left_out | taken,
            left_out=choice.left_out - taken | left_out,
        ),
    )


@transaction.atomic
def select_matching(*, operation: ImportOperation, kind: Kind, rule: Rule) -> None:
    """Take in, or leave out, all that match a rule, whatever was chosen before.

    Raises:
        OperationUnusableStatusError: It waits for no selection any more.
        SelectionTooLongError: There are too many rules.
    """
    selection = lock_selection(operation)
    choice = selection.of(kind)
    if not rule.text and not rule.trait:
        directs = _named_directs(choice) if kind is Kind.CHANNEL else KindSelection()
        anew = replace(directs, everything=rule.takes)
        _write(operation, selection, kind, anew)
        return
    condition = search_condition(kind, rule.text, rule.trait)
    named = selectable_records(operation.pk, kind).filter(
        condition, import_id__in=choice.ids | choice.left_out
    )
    overruled = frozenset(named.values_list("import_id", flat=True))
    same = (rule.text, rule.trait)
    kept = (one for one in choice.rules if (one.text, one.trait) != same)
    _write(
        operation,
        selection,
        kind,
        replace(
            choice,
            ids=choice.ids - overruled,
            left_out=choice.left_out - overruled,
            rules=(*kept, rule),
        ),
    )


def select_direct_messages(*, operation: ImportOperation, takes: bool) -> None:
    """Take all direct rooms in, or none.

    Raises:
        OperationUnusableStatusError: It waits for no selection any more.
    """
    name = {DIRECT_MESSAGES}
    select_records(
        operation=operation,
        kind=Kind.CHANNEL,
        taken=name if takes else set(),
        left_out=set() if takes else name,
    )


def _named_directs(choice: KindSelection) -> KindSelection:
    """Return the choice of direct rooms alone, by name."""
    name = frozenset({DIRECT_MESSAGES})
    return (
        KindSelection(ids=name)
        if includes_direct_messages(choice)
        else KindSelection(left_out=name)
    )


def lock_selection(operation: ImportOperation) -> Selection:
    """Keep others from changing the selection until the commit, and return it.

    Raises:
        OperationUnusableStatusError: The operation waits for no selection any more.
    """
    waiting = ImportOperation.objects.valid().filter(status=Status.USER_SELECTION)
    locked = waiting.select_for_update().filter(pk=operation.pk).first()
    if locked is None:
        raise OperationUnusableStatusError
    return draft_of(locked)


def _write(
    operation: ImportOperation, selection: Selection, kind: Kind, choice: KindSelection
) -> None:
    if len(choice.ids | choice.left_out) > MOST_NAMED or len(choice.rules) > MOST_RULES:
        raise SelectionTooLongError
    field: dict[str, Any] = {_FIELD_OF[kind]: choice}
    write_selection(operation, replace(selection, **field))


def write_selection(operation: ImportOperation, selection: Selection) -> None:
    """Store the selection of an operation that `lock_selection` locked."""
    stored = selection.as_json()
    ImportOperation.objects.filter(pk=operation.pk).change(selection=stored)
