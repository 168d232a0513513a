"""Planned effect of a run on a staged record."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

from imports_app.engine.matching.matched_by import MatchedBy
from imports_app.engine.outcomes import RecordOutcome

Target = TypeVar("Target")
Changes = dict[str, tuple[Any, Any]]
"""Values before and after, by name of the field."""


@dataclass(slots=True)
class RecordPlan(Generic[Target]):
    """Planned effect of a run on a record, before anything is written.

    Records of a page with the same target share one object.
    """

    result: RecordOutcome
    """The outcome; its target ID is only known after writing."""
    target: Target | None = None
    """User or room to write; `None` if the record is skipped or fails."""
    matched_by: MatchedBy | None = None
    """Attribute that matches the target, or `None` for a new one."""
    changes: Changes = field(default_factory=dict)
    """Changed fields of an existing target."""

    def add_note(self, note: str) -> None:
        """Put a note before the message, unless the record is skipped or fails."""
        if note and self.target is not None:
            message = f"{note} {self.result.message}".strip()
            self.result = replace(self.result, message=message)


def targets_of(plans: list[RecordPlan[Target]]) -> list[Target]:
    """Return the targets to write, each once, in order."""
    targets = (one.target for one in plans)
    return list({id(one): one for one in targets if one is not None}.values())
