"""Output of `import_file` about the last import of the same source."""

from __future__ import annotations

from collections.abc import Callable

from rich.console import Console
from rich.table import Table

from imports_app.models import ChangeEffect, Decision, ImportOperation, KindChoice
from imports_app.records import Kind
from imports_app.services.review.changes import compute_now
from imports_app.services.review.decision_offers import find_offer


def print_changes(
    operation: ImportOperation, console: Console, write: Callable[[str], object]
) -> None:
    """Print the changes since the last import, and offer its decisions."""
    changes = compute_now(operation)
    if changes is None:
        return
    table = Table("Since the last import", *map(str, ChangeEffect.labels))
    for kind in (Kind.USER, Kind.CHANNEL, Kind.MESSAGE):
        numbers = (changes.number(kind, effect) for effect in ChangeEffect)
        table.add_row(str(KindChoice(kind).label), *map(str, numbers))
    console.print(table)
    own = Decision.objects.of_operation(operation.pk).exists()
    if (offer := find_offer(operation, has_decisions=own)) is not None:
        write(
            f"The import {offer.operation.public_id} of the same source has"
            f" {offer.number} decisions about users and rooms. To use them here,"
            " download its decisions and pass the file with --mapping."
        )
