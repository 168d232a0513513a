"""Offer of the decisions of the last import of the same source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.db import transaction

from imports_app.models import (
    Decision,
    DecisionAction,
    ImportOperation,
    ImportRecord,
)
from imports_app.records import Kind
from imports_app.services.review.choices import Choice
from imports_app.services.review.decision_checks import Checked
from imports_app.services.review.decisions import add_valid_decisions
from imports_app.services.selection import lock_selection
from imports_app.transitions import Actor

_COMPARED: Final = 500
"""Decisions whose import IDs are compared if the workspaces are unknown."""


@dataclass(frozen=True, slots=True)
class Offer:
    """Earlier import of the same source with decisions."""

    operation: ImportOperation
    number: int
    """Number of its decisions."""


def find_offer(operation: ImportOperation, *, has_decisions: bool) -> Offer | None:
    """Return the last import of the same source that has decisions.

    It is offered until a user accepts or declines it, and only while the import has no
    decisions. The source is the same if importer and workspace are, or if a workspace
    is unknown and a record of the decisions is in the source. At most four queries.

    Args:
        operation: The import.
        has_decisions: Whether it has decisions of its own.
    """
    if operation.is_offer_answered or has_decisions:
        return None
    decision = Decision.objects.last_of_source(operation)
    if decision is None:
        return None
    last = decision.operation
    decisions = Decision.objects.of_operation(last.pk)
    if not (last.workspace_id and operation.workspace_id):
        pairs = list(decisions.values_list("kind", "import_id")[:_COMPARED])
        staged = ImportRecord.objects.filter(
            operation=operation,
            kind__in={kind for kind, _import_id in pairs},
            import_id__in=[import_id for _kind, import_id in pairs],
        )
        if not staged.exists():
            return None
    return Offer(last, decisions.count())


@transaction.atomic
def use_offer(*, operation: ImportOperation, actor: Actor) -> Checked:
    """Apply those of the offered decisions that are possible.

    Returns: The applied decisions, and the others with the reasons.

    Raises:
        OperationUnusableStatusError: The import is not waiting for the review.
        DecisionFileError: There are too many decisions.
    """
    lock_selection(operation)
    own = Decision.objects.of_operation(operation.pk)
    offer = find_offer(operation, has_decisions=own.exists())
    decisions = (
        Decision.objects.of_operation(offer.operation.pk) if offer is not None else ()
    )
    checked = add_valid_decisions(
        operation=operation, choices=[_choice_of(one) for one in decisions], actor=actor
    )
    ImportOperation.objects.filter(pk=operation.pk).change(is_offer_answered=True)
    return checked


@transaction.atomic
def decline_offer(*, operation: ImportOperation) -> None:
    """Store that the user declined the offered decisions.

    Raises:
        OperationUnusableStatusError: The import is not waiting for the review.
    """
    lock_selection(operation)
    ImportOperation.objects.filter(pk=operation.pk).change(is_offer_answered=True)


def _choice_of(decision: Decision) -> Choice:
    return Choice(
        kind=Kind(decision.kind),
        import_id=decision.import_id,
        action=DecisionAction(decision.action),
        target=decision.target,
        username=decision.value.get("username", ""),
        email=decision.value.get("email", ""),
        name=decision.value.get("name", ""),
        is_private=decision.value.get("private", False),
    )
