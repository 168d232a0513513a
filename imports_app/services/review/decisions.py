"""Make and remove decisions about users and rooms of an import."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from django.db import transaction

from accounts.models import ActivityEntry
from accounts.services.activity import ChangedState, record_changes
from imports_app.errors import (
    DecisionFileError,
    DecisionForbiddenError,
    DecisionInvalidError,
)
from imports_app.models import Decision, DecisionAction, ImportOperation
from imports_app.records import Kind
from imports_app.services.review.choices import Choice, Problem
from imports_app.services.review.decision_checks import Checked, check_choices
from imports_app.services.selection import lock_selection
from imports_app.transitions import Actor

MAX_DECISIONS: Final = 5_000
"""Maximum number of decisions of an import."""


@transaction.atomic
def make_decision(*, operation: ImportOperation, choice: Choice, actor: Actor) -> None:
    """Make a decision about a record; it replaces an earlier one.

    Raises:
        OperationUnusableStatusError: The import is not waiting for the review.
        DecisionInvalidError: The decision is not possible.
        DecisionForbiddenError: The actor lacks a right.
        DecisionFileError: There are too many decisions.
    """
    lock_selection(operation)
    same = Decision.objects.of_record(operation.pk, choice.kind, choice.import_id)
    kept = Decision.objects.of_operation(operation.pk).exclude(pk__in=same)
    checked = check_choices(operation, [choice], kept, actor.user)
    if checked.absent:
        raise DecisionInvalidError(
            f"The source has no record with the ID {choice.import_id[:80]!r}."
        )
    raise_first(checked.problems)
    same.delete()
    _store(operation, checked.decisions, actor)


@transaction.atomic
def replace_decisions(
    *, operation: ImportOperation, choices: Sequence[Choice], actor: Actor
) -> list[str]:
    """Replace all decisions of an import.

    Returns:
        The import IDs of decisions about records that the source does not have. These
        decisions are ignored.

    Raises:
        OperationUnusableStatusError: The import is not waiting for the review.
        DecisionInvalidError: A decision is not possible; the message names it.
        DecisionForbiddenError: The actor lacks a right that a decision needs.
        DecisionFileError: There are too many decisions.
    """
    lock_selection(operation)
    checked = check_choices(operation, choices, (), actor.user)
    raise_first(checked.problems)
    previous = Decision.objects.of_operation(operation.pk)
    removed = previous.count()
    previous.delete()
    _store(operation, checked.decisions, actor, removed=removed)
    return [one.import_id for one in checked.absent]


@transaction.atomic
def add_valid_decisions(
    *, operation: ImportOperation, choices: Sequence[Choice], actor: Actor
) -> Checked:
    """Make those decisions that are possible; return the others with the reasons.

    Raises:
        OperationUnusableStatusError: The import is not waiting for the review.
        DecisionFileError: There are too many decisions.
    """
    lock_selection(operation)
    kept = list(Decision.objects.of_operation(operation.pk))
    decided = {(one.kind, one.import_id) for one in kept}
    new = [one for one in choices if (one.kind.value, one.import_id) not in decided]
    checked = check_choices(operation, new, kept, actor.user)
    _store(operation, checked.decisions, actor)
    return checked


@transaction.atomic
def remove_decision(
    *, operation: ImportOperation, kind: Kind, import_id: str, actor: Actor
) -> bool:
    """Remove the decision about a record; return False if there is none.

    Raises:
        OperationUnusableStatusError: The import is not waiting for the review.
    """
    lock_selection(operation)
    found = Decision.objects.of_record(operation.pk, kind, import_id)
    removed, _by_model = found.delete()
    if removed:
        _log_numbers(operation, actor, {"decisions removed": removed})
        touch(operation)
    return removed > 0


def copy_decisions(parent: ImportOperation, child: ImportOperation) -> None:
    """Copy the decisions of an import to another one with the same records.

    They keep their authors, whose permissions the run checks again.

    Args:
        parent: The import with the decisions.
        child: The new import, which has no decisions yet.
    """
    ImportOperation.objects.filter(pk=child.pk).update(
        workspace_id=parent.workspace_id, is_offer_answered=True
    )
    copies = list(Decision.objects.of_operation(parent.pk))
    for one in copies:
        one.pk = None
        one.operation = child
    Decision.objects.bulk_create(copies)


def raise_first(problems: Iterable[Problem]) -> None:
    """Raise the first problem, if there is one."""
    for problem in problems:
        error = DecisionForbiddenError if problem.is_forbidden else DecisionInvalidError
        raise error(problem.message)


def _store(
    operation: ImportOperation,
    decisions: list[Decision],
    actor: Actor,
    *,
    removed: int = 0,
) -> None:
    """Save valid decisions, and write them to the activity log."""
    total = Decision.objects.of_operation(operation.pk).count() + len(decisions)
    if total > MAX_DECISIONS:
        raise DecisionFileError(
            f"An import can have {MAX_DECISIONS:,} decisions, and these would be"
            f" {total:,}. Correct the source instead."
        )
    Decision.objects.bulk_create(decisions)
    subjects = {Kind.USER: ActivityEntry.Subject.USER}
    record_changes(
        [
            ChangedState(
                subjects.get(Kind(one.kind), ActivityEntry.Subject.ROOM),
                one.target_name,
                {},
                {
                    "matched import ID": one.import_id,
                    "import": operation.public_id,
                },
            )
            for one in decisions
            if one.action == DecisionAction.MATCH
        ],
        by=actor.author,
    )
    numbers = {"decisions added": len(decisions), "decisions removed": removed}
    _log_numbers(operation, actor, numbers)
    touch(operation)


def _log_numbers(
    operation: ImportOperation, actor: Actor, numbers: dict[str, int]
) -> None:
    made = {name: number for name, number in numbers.items() if number}
    subject = ActivityEntry.Subject.IMPORT
    record_changes([ChangedState(subject, str(operation), {}, made)], by=actor.author)


def touch(operation: ImportOperation) -> None:
    """Increase the revision of the import, so that pages and ETags become outdated."""
    ImportOperation.objects.filter(pk=operation.pk).change()
