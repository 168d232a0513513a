"""Selection of records to import.

It is stored with the operation, so that it survives closed pages and later visits.
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
    MAX_NAMED_RECORDS,
    KindSelection,
    Rule,
    Selection,
    selection_of,
)
from imports_app.statuses import Status

MAX_RULES: Final = 20
_FIELD_OF: Final = {Kind.USER: "users", Kind.CHANNEL: "channels"}


def get_selection(operation: ImportOperation) -> Selection:
    """Return the stored selection; everything if there is none."""
    return selection_of(operation.selection)


@transaction.atomic
def select_records(
    *,
    operation: ImportOperation,
    kind: Kind,
    selected: AbstractSet[str],
    deselected: AbstractSet[str],
) -> None:
    """Select and deselect records by their first import IDs.

    Raises:
        OperationUnusableStatusError: The operation is no longer ready to import.
        SelectionTooLongError: Too many records are selected one by one.
    """
    selection = lock_selection(operation)
    choice = selection.of(kind)
    _write(
        operation,
        selection,
        kind,
        replace(
            choice,
            ids=choice.ids - deselected | selected,
            deselected=choice.deselected - selected | deselected,
        ),
    )


@transaction.atomic
def select_matching(*, operation: ImportOperation, kind: Kind, rule: Rule) -> None:
    """Select or deselect all records that match a rule, overriding earlier choices.

    Raises:
        OperationUnusableStatusError: The operation is no longer ready to import.
        SelectionTooLongError: There are too many rules.
    """
    selection = lock_selection(operation)
    choice = selection.of(kind)
    if not rule.text and not rule.trait:
        direct_messages = (
            _direct_messages_only(choice) if kind is Kind.CHANNEL else KindSelection()
        )
        _write(
            operation,
            selection,
            kind,
            replace(direct_messages, everything=rule.takes),
        )
        return
    condition = search_condition(kind, rule.text, rule.trait)
    named = selectable_records(operation.pk, kind).filter(
        condition, import_id__in=choice.ids | choice.deselected
    )
    overridden = frozenset(named.values_list("import_id", flat=True))
    same = (rule.text, rule.trait)
    kept = (one for one in choice.rules if (one.text, one.trait) != same)
    _write(
        operation,
        selection,
        kind,
        replace(
            choice,
            ids=choice.ids - overridden,
            deselected=choice.deselected - overridden,
            rules=(*kept, rule),
        ),
    )


def select_direct_messages(*, operation: ImportOperation, is_selected: bool) -> None:
    """Select or deselect all direct messages.

    Raises:
        OperationUnusableStatusError: The operation is no longer ready to import.
    """
    name = {DIRECT_MESSAGES}
    select_records(
        operation=operation,
        kind=Kind.CHANNEL,
        selected=name if is_selected else set(),
        deselected=set() if is_selected else name,
    )


@transaction.atomic
def archive_existing_rooms(*, operation: ImportOperation, archives: bool) -> None:
    """Select whether to archive existing rooms that are archived in the source.

    Raises:
        OperationUnusableStatusError: The operation is no longer ready to import.
    """
    selection = replace(lock_selection(operation), archives_existing=archives)
    write_selection(operation, selection)


def _direct_messages_only(choice: KindSelection) -> KindSelection:
    """Return only the choice about direct messages."""
    name = frozenset({DIRECT_MESSAGES})
    return (
        KindSelection(ids=name)
        if includes_direct_messages(choice)
        else KindSelection(deselected=name)
    )


def lock_selection(operation: ImportOperation) -> Selection:
    """Lock the selection until the commit and return it.

    Raises:
        OperationUnusableStatusError: The operation is no longer ready to import.
    """
    waiting = ImportOperation.objects.valid().filter(status=Status.USER_SELECTION)
    locked = waiting.select_for_update().filter(pk=operation.pk).first()
    if locked is None:
        raise OperationUnusableStatusError
    return get_selection(locked)


def _write(
    operation: ImportOperation, selection: Selection, kind: Kind, choice: KindSelection
) -> None:
    named = choice.ids | choice.deselected
    if len(named) > MAX_NAMED_RECORDS or len(choice.rules) > MAX_RULES:
        raise SelectionTooLongError
    field: dict[str, Any] = {_FIELD_OF[kind]: choice}
    write_selection(operation, replace(selection, **field))


def write_selection(operation: ImportOperation, selection: Selection) -> None:
    """Store the selection of an operation that `lock_selection` locked."""
    stored = selection.as_json()
    ImportOperation.objects.filter(pk=operation.pk).change(selection=stored)
