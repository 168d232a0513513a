"""Validation of decisions against the source and the workspace, many at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from accounts.models import User
from config.db.bulk import in_chunks
from imports_app.models import Decision, DecisionAction, ImportOperation, ImportRecord
from imports_app.records import ChannelRecord, Kind, UserRecord, record_of
from imports_app.services.review.choices import Choice, Problem
from imports_app.services.review.room_checks import RoomChecks
from imports_app.services.review.user_checks import UserChecks


@dataclass(slots=True)
class Checked:
    """Result of a validation."""

    decisions: list[Decision] = field(default_factory=list)
    """Valid decisions, not saved."""
    problems: list[Problem] = field(default_factory=list)
    absent: list[Choice] = field(default_factory=list)
    """Decisions about records that the source does not have."""


def check_choices(
    operation: ImportOperation,
    choices: Sequence[Choice],
    kept: Iterable[Decision],
    person: User | None,
) -> Checked:
    """Validate decisions together with the existing ones.

    The number of statements depends only on the number of pages of choices.

    Args:
        operation: The import; all its records are staged.
        choices: The new decisions, at most one for each record.
        kept: Other decisions of the import.
        person: The user who makes the decisions.
    """
    checked = Checked()
    staged = _staged_records(operation, choices)
    present = [one for one in choices if (one.kind, one.import_id) in staged]
    checked.absent = [one for one in choices if (one.kind, one.import_id) not in staged]
    users = UserChecks(operation, _of_kind(Kind.USER, present), staged, kept, person)
    rooms = RoomChecks(operation, _of_kind(Kind.CHANNEL, present), staged, kept, person)
    for choice in present:
        checks = users if choice.kind is Kind.USER else rooms
        problem = _problem_of_action(choice) or checks.problem_of(choice)
        if problem is not None:
            checked.problems.append(problem)
        else:
            checked.decisions.append(
                Decision(
                    operation=operation,
                    kind=choice.kind,
                    import_id=choice.import_id,
                    import_ids=list(staged[choice.kind, choice.import_id].import_ids),
                    action=choice.action,
                    value=_value_of(choice),
                    target=choice.target,
                    target_name=checks.target_name(choice)[:255],
                    made_by=person.public_id if person else "",
                )
            )
    return checked


_ACTIONS: Final = {
    Kind.USER: frozenset(DecisionAction) - {DecisionAction.CHANGE},
    Kind.CHANNEL: frozenset(DecisionAction)
    - {DecisionAction.CREATE, DecisionAction.MERGE},
}


def _problem_of_action(choice: Choice) -> Problem | None:
    if choice.action in _ACTIONS[choice.kind]:
        return None
    name = "user" if choice.kind is Kind.USER else "room"
    return Problem(choice, f"`{choice.action}` is not possible for a {name}.")


def _of_kind(kind: Kind, choices: Iterable[Choice]) -> list[Choice]:
    return [one for one in choices if one.kind is kind]


def _value_of(choice: Choice) -> dict[str, str | bool]:
    values: dict[str, str | bool] = {
        "username": choice.username,
        "email": choice.email,
        "name": choice.name,
        "private": choice.is_private,
    }
    return {name: value for name, value in values.items() if value}


def _staged_records(
    operation: ImportOperation, choices: Sequence[Choice]
) -> dict[tuple[Kind, str], UserRecord | ChannelRecord]:
    """Return the staged records of the decisions and of users to merge with."""
    staged: dict[tuple[Kind, str], UserRecord | ChannelRecord] = {}
    for kind in (Kind.USER, Kind.CHANNEL):
        wanted = [one.import_id for one in choices if one.kind is kind]
        if kind is Kind.USER:
            wanted += [
                one.target for one in choices if one.action == DecisionAction.MERGE
            ]
        rows = ImportRecord.objects.of_kind(operation.pk, kind)
        for chunk in in_chunks(wanted):
            readable = rows.filter(is_unreadable=False, import_id__in=chunk)
            for row in readable.order_by("-id"):
                record = record_of(kind, row.data)
                if isinstance(record, UserRecord | ChannelRecord):
                    staged[kind, row.import_id] = record
    return staged
