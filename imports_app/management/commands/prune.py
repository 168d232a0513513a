"""Command that deletes old data of imports."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import timezone
from django.utils.translation import ngettext

from accounts.activity.retention import prune_expired
from accounts.services.activity import COMMAND_LINE
from accounts.services.idempotency import prune_idempotent_calls
from config.commands import ProductCommand
from imports_app.services.outgoing.deliveries import prune_archives
from imports_app.services.outgoing.exports import prune_exports
from imports_app.services.pruning import prune_imports


class Command(ProductCommand):
    """Delete old files, records, queue entries and activity log entries."""

    help = (
        "Delete uploaded files and stored records of old finished imports, archives of"
        " exports older than EXPORT_RETENTION_DAYS, and activity log entries older than"
        " ACTIVITY_RETENTION_DAYS."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument(
            "--days",
            type=int,
            default=settings.RETENTION_DAYS,
            help="minimum age of the imports in days (default: RETENTION_DAYS,"
            " %(default)s)",
        )

    def handle(self, *, days: int, **options: Any) -> None:
        """Delete old data and print the numbers."""
        if days < 0:
            msg = "--days must be 0 or more."
            raise CommandError(msg)
        before = timezone.now() - timedelta(days=days)
        pruned = prune_imports(before=before)
        exports = prune_exports(before=before)
        prune_archives(before=before)
        prune_idempotent_calls()
        if settings.TASK_BACKEND == "db":
            call_command("prune_db_task_results", min_age_days=days, verbosity=0)
        records = ngettext("%d record", "%d records", pruned.records) % pruned.records
        files = ngettext("%d file", "%d files", pruned.files) % pruned.files
        self.stdout.write(f"Deleted {records} and {files}.")
        if exports:
            text = ngettext("Deleted %d export.", "Deleted %d exports.", exports)
            self.stdout.write(text % exports)
        if settings.ACTIVITY_RETENTION_DAYS:
            entries = prune_expired(by=COMMAND_LINE)
            text = ngettext(
                "Deleted %d activity log entry.",
                "Deleted %d activity log entries.",
                entries,
            )
            self.stdout.write(text % entries)
