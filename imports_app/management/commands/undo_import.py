"""Command that undoes an import."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any, Final

from django.core.management import CommandError
from rich.table import Table

from accounts.services.activity import command_line
from config.commands import ProductCommand
from imports_app.engine import jobs
from imports_app.engine.undo.preview import UndoPreview
from imports_app.management.import_arguments import find_initiator
from imports_app.models import ImportOperation, ImportRecord, KindChoice, KindCount
from imports_app.services.undo import preview_of, start_undo
from imports_app.statuses import Status
from imports_app.transitions import Actor

_MOST_LISTED: Final = 50


class Command(ProductCommand):
    """Preview the undo of an import, and undo it."""

    help = (
        "Undo an import: remove what it created, and restore what it changed. The exit"
        " status is 1 if rows were kept."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("id", help="ID of the import operation")
        parser.add_argument(
            "--preview",
            action="store_true",
            help="only show what the undo would remove, restore and keep",
        )
        parser.add_argument(
            "--user",
            metavar="USERNAME",
            help="user who undoes the import (default: the first admin)",
        )
        parser.add_argument(
            "--replace",
            action="store_true",
            help="cancel the import that is in progress, if there is one",
        )
        parser.add_argument(
            "--wait",
            action="store_true",
            help="undo in this process instead of a worker, and wait for it",
        )

    def handle(self, *, id: str, **options: Any) -> None:
        """Undo the import."""
        operation = ImportOperation.objects.filter(public_id=id).first()
        if operation is None:
            msg = f"There is no import operation with the ID {id!r}."
            raise CommandError(msg)
        actor = Actor(find_initiator(options["user"]), address=command_line())
        if options["preview"]:
            self._print_preview(
                preview_of(operation=operation, actor=actor, is_complete=True)
            )
            return
        undo = start_undo(
            operation=operation,
            actor=actor,
            may_replace=None if options["replace"] else (),
        )
        if not options["wait"]:
            self.stdout.write(f"Queued for a worker as operation {undo.public_id}.")
            return
        jobs.run(undo.pk)
        undo.refresh_from_db()
        if undo.status != Status.DONE:
            msg = undo.error_message or (
                f"A worker is running the undo: see operation {undo.public_id}."
            )
            raise CommandError(msg)
        self._print_outcome(undo)

    def _print_preview(self, preview: UndoPreview) -> None:
        rows = list(preview.rows)
        if not rows:
            self.stdout.write("The import changed nothing that can be undone.")
            return
        table = Table("Kind", "Removed", "Restored", "Kept")
        for kind, *numbers in rows:
            table.add_row(str(KindChoice(kind).label), *map(str, numbers))
        self.console.print(table)
        for (kind, reason), number in preview.kept.most_common():
            label = KindChoice(kind).label
            self.stdout.write(
                f"Kept: {label}, {number}. {reason.message} [{reason.code}]"
            )

    def _print_outcome(self, undo: ImportOperation) -> None:
        table = Table("Kind", "Removed", "Restored", "Kept")
        for count in KindCount.objects.filter(operation=undo):
            numbers = (count.imported, count.updated, count.skipped)
            table.add_row(str(KindChoice(count.kind).label), *map(str, numbers))
        self.console.print(table)
        kept = ImportRecord.objects.filter(operation=undo).order_by("id")
        for record in kept[:_MOST_LISTED]:
            self.stdout.write(f"{record}: {record.message} [{record.code}]")
        if kept.exists():
            sys.exit(1)
