"""Command that imports a file."""

from __future__ import annotations

import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable, Container
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.management import CommandError
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TextColumn,
)
from rich.table import Table

from accounts.management.lookups import find_user
from accounts.services.activity import command_line
from config.commands import ProductCommand
from config.units import format_bytes
from imports_app.engine import jobs
from imports_app.error_catalog.fact_labels import (
    BYTE_FACTS,
    fact_label,
    parse_fact,
    sort_facts,
)
from imports_app.health.progress import get_progress
from imports_app.importers.detection.kinds import DETECTED_KIND
from imports_app.importers.reading_options import ReadingOptions
from imports_app.management.changes_output import print_changes
from imports_app.management.import_arguments import (
    add_reading_arguments,
    check_none_in_progress,
    find_initiator,
    read_chunks,
    read_decisions,
    read_selection_option,
    trial_messages,
)
from imports_app.management.linked_files import download_files
from imports_app.management.record_tables import (
    MOST_FAILED,
    MOST_NOTED,
    failed_records,
    noted_records,
    outcomes,
)
from imports_app.models import (
    FileDownload,
    ImportOperation,
    KindChoice,
)
from imports_app.services.confirmations import confirm_users
from imports_app.services.review.choices import Choice
from imports_app.services.review.decisions import replace_decisions
from imports_app.services.runs import import_rest, start_preparing, start_run
from imports_app.services.uploading.uploads import upload_file
from imports_app.statuses import FINISHED, PREPARING, RUNNING, Status
from imports_app.transitions import Actor

_POLL_SECONDS: Final = 0.2
_INCOMPLETE: Final = frozenset({"importer-grid-teams", "importer-messages-unread"})
"""Codes of findings about files whose messages were not imported."""


class Command(ProductCommand):
    """Upload a file, read it and import the selected records."""

    help = (
        "Import a file. Without --all or --select, only show its contents. The exit"
        " status is 1 if a record failed or files with messages were not imported."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("path", nargs="?", type=Path, help="file to import")
        parser.add_argument(
            "--rest",
            metavar="ID",
            help=(
                "ID of a trial run, or of a cancelled, replaced or failed import,"
                " instead of a file: import the remaining records with its file and"
                " selection"
            ),
        )
        parser.add_argument(
            "--importer",
            default="",
            help="key of the importer, such as csv (default: detected by the content)",
        )
        parser.add_argument(
            "--user",
            metavar="USERNAME",
            help="user who starts the import (default: the first admin)",
        )
        add_reading_arguments(parser)
        selection = parser.add_mutually_exclusive_group()
        selection.add_argument("--all", action="store_true", help="import everything")
        selection.add_argument(
            "--select",
            type=Path,
            metavar="FILE",
            help="import the selection in a JSON file (format of startImport's input)",
        )
        parser.add_argument(
            "--mapping",
            type=Path,
            metavar="FILE",
            help="decisions about users and rooms in a JSON file, such as those of an"
            " earlier import of the same source",
        )
        parser.add_argument(
            "--confirm-privileged",
            nargs="+",
            default=[],
            metavar="USERNAME",
            help="confirm the matches of records with these privileged users",
        )
        parser.add_argument(
            "--replace",
            action="store_true",
            help="cancel the import that is in progress, if there is one",
        )
        parser.add_argument(
            "--archive-existing",
            action="store_true",
            help="archive existing rooms that are archived in the source",
        )
        parser.add_argument(
            "--trial",
            type=trial_messages,
            metavar="N",
            help=(
                "trial run: import only the first N messages of each selected room."
                " Continue with --rest, or undo it with undo_import"
            ),
        )
        parser.add_argument(
            "--files-first",
            action="store_true",
            help=(
                "before the import starts, download the files that messages link to,"
                " because links can expire"
            ),
        )
        parser.add_argument(
            "--wait",
            action="store_true",
            help="run the import in this process instead of a worker, and wait for it",
        )

    def handle(self, *, path: Path | None, importer: str, **options: Any) -> None:
        """Import the file, or the rest of an earlier import."""
        actor = Actor(find_initiator(options["user"]), address=command_line())
        if options["rest"] is not None:
            if path is not None or read_selection_option(options) is not None:
                msg = "--rest can't be combined with a file or a selection."
                raise CommandError(msg)
            if options["trial"] is not None:
                msg = "--rest imports all remaining records. Remove --trial."
                raise CommandError(msg)
            self._import_rest(actor, options)
        elif path is None:
            msg = "Pass a file to import, or the ID of an import with --rest."
            raise CommandError(msg)
        else:
            self._import_file(path, importer, actor, options)

    def _import_file(
        self, path: Path, importer: str, actor: Actor, options: dict[str, Any]
    ) -> None:
        selection = read_selection_option(options)
        confirmed = [find_user(name) for name in options["confirm_privileged"]]
        decisions = read_decisions(options["mapping"], actor)
        if not options["replace"]:
            check_none_in_progress()
        operation = upload_file(
            actor=actor,
            importer_key=importer,
            file_name=path.name,
            content_type="",
            content=read_chunks(path),
            limit=settings.FILE_MAX_BYTES,
            may_replace=None if options["replace"] else (),
            options=ReadingOptions.of(
                options["delimiter"], options["encoding"], options["columns"]
            ),
        )
        if not importer:
            self._print_detected(operation)
        start_preparing(operation=operation, actor=actor)
        self._run_job(operation, jobs.prepare, PREPARING, "Reading")
        self._stop_if_failed(operation)
        self._print_findings(operation)
        if decisions is not None:
            self._use_decisions(operation, decisions, actor)
        print_changes(operation, self.console, self.stdout.write)
        if options["files_first"]:
            bar = self._bar(MofNCompleteColumn())
            download = download_files(operation, actor, bar)
            self._print_coverage(operation)
            if download.error:
                msg = f"{download.error} The import was not started."
                raise CommandError(msg)
            operation.refresh_from_db()
            self._stop_if_failed(operation)
        if selection is None:
            self.stdout.write("Nothing was imported. Add --all or --select to import.")
            return
        selection = confirm_users(
            operation=operation, selection=selection, users=confirmed, actor=actor
        )
        start_run(
            operation=operation,
            selection=selection,
            actor=actor,
            trial_messages=options["trial"],
        )
        if not options["wait"]:
            self._print_queued(operation)
            return
        known = {
            code
            for notes in ("warnings", "guesses")
            for code in operation.report[notes]
        }
        self._run_job(operation, jobs.run, RUNNING, "Importing")
        self._stop_if_failed(operation)
        self._print_notes(operation, known)
        self._print_coverage(operation)
        self._print_outcome(operation)

    def _import_rest(self, actor: Actor, options: dict[str, Any]) -> None:
        earlier = ImportOperation.objects.filter(public_id=options["rest"]).first()
        if earlier is None:
            msg = f"There is no import with the ID {options['rest']!r}."
            raise CommandError(msg)
        if not options["replace"]:
            check_none_in_progress()
        operation = import_rest(
            operation=earlier,
            actor=actor,
            may_replace=None if options["replace"] else (),
        )
        if not options["wait"]:
            self._print_queued(operation)
            return
        self._run_job(operation, jobs.prepare, RUNNING, "Importing")
        self._stop_if_failed(operation)
        if operation.status == Status.USER_SELECTION:
            self.stdout.write(
                "Matches with privileged users must be confirmed again. Review and"
                f" start the import {operation.public_id} in the admin."
            )
            return
        self._print_notes(operation, frozenset())
        self._print_outcome(operation)

    def _print_queued(self, operation: ImportOperation) -> None:
        self.stdout.write(f"Queued for a worker as operation {operation.public_id}.")

    def _run_job(
        self,
        operation: ImportOperation,
        job: Callable[..., None],
        active: frozenset[Status],
        title: str,
    ) -> None:
        """Run a job with a progress bar, or wait for the worker that is running it."""
        bar = self._bar(MofNCompleteColumn(), TextColumn("{task.fields[rate]}"))
        with bar:
            task = bar.add_task(title, total=None, rate="")

            def draw() -> None:
                operation.refresh_from_db()
                progress = get_progress(operation)
                is_reading = active == PREPARING
                speed = progress.records_per_second
                workers = len(progress.worker_ages)
                helpers = f" with {workers} workers" if workers > 1 else ""
                bar.update(
                    task,
                    total=None if is_reading else progress.due,
                    completed=progress.staged if is_reading else progress.tried,
                    rate="" if speed is None else f"{speed:,.0f} records/s{helpers}",
                )

            try:
                job(operation.pk, draw)
            except Exception:
                operation.refresh_from_db()
                self._stop_if_failed(operation)
                raise
            draw()
            while operation.is_valid and operation.status in active:
                time.sleep(_POLL_SECONDS)
                draw()

    def _bar(self, *columns: ProgressColumn) -> Progress:
        """Return a progress bar, which is displayed only on a terminal."""
        return Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            *columns,
            console=self.console,
            disable=not self.stdout.isatty(),
        )

    def _print_coverage(self, operation: ImportOperation) -> None:
        download = FileDownload.objects.of(operation)
        if download is not None:
            self.stdout.write(f"Linked files downloaded: {download.coverage}.")

    def _stop_if_failed(self, operation: ImportOperation) -> None:
        if operation.status == Status.FAILED:
            msg = f"{operation.error_message} [{operation.error_code}]"
            raise CommandError(msg)
        if not operation.is_valid and operation.status not in FINISHED:
            msg = "The import was cancelled or replaced by another one."
            raise CommandError(msg)

    def _print_detected(self, operation: ImportOperation) -> None:
        note = operation.report["warnings"][DETECTED_KIND]
        self.stdout.write(
            f"{note['message']} Importer: {operation.importer_key}. If this is wrong,"
            " pass --importer."
        )

    def _use_decisions(
        self, operation: ImportOperation, decisions: list[Choice], actor: Actor
    ) -> None:
        """Store the decisions of a file and print how many apply to the source."""
        ignored = replace_decisions(operation=operation, choices=decisions, actor=actor)
        self.stdout.write(
            f"Decisions used: {len(decisions) - len(ignored)}. Not in the source:"
            f" {len(ignored)}."
        )

    def _print_findings(self, operation: ImportOperation) -> None:
        table = Table("Kind", "Found")
        for count in get_progress(operation).kinds:
            table.add_row(str(KindChoice(count.kind).label), str(count.staged))
        self.console.print(table)
        facts = operation.report.get("facts", {})
        for fact in sort_facts(facts):
            about = "about " if parse_fact(fact).is_estimate else ""
            number = facts[fact]
            shown = format_bytes(number) if fact in BYTE_FACTS else f"{number:,}"
            self.stdout.write(f"{fact_label(fact)}: {about}{shown}")
        self._print_notes(operation, frozenset({DETECTED_KIND}))

    def _print_notes(self, operation: ImportOperation, known: Container[str]) -> None:
        for code, warning in operation.report.get("warnings", {}).items():
            if code not in known:
                self.stdout.write(f"{warning['message']} [{code}, {warning['count']}]")
        for code, guess in operation.report.get("guesses", {}).items():
            if code not in known:
                text = f"Guessed: {guess['message']} [{code}, {guess['count']}]"
                self.stdout.write(text)

    def _print_trial(self, operation: ImportOperation) -> None:
        if not operation.is_trial:
            return
        name = operation.public_id
        self.stdout.write(
            f"{operation.trial_label}. To continue: import_file --rest {name}. To undo:"
            f" undo_import {name}."
        )

    def _print_record_notes(self, operation: ImportOperation) -> None:
        table, number = noted_records(operation)
        if number:
            self.console.print(table)
        if number > MOST_NOTED:
            self.stdout.write(f"{number - MOST_NOTED:,} more records have notes.")

    def _print_outcome(self, operation: ImportOperation) -> None:
        table, failures = outcomes(operation)
        self.console.print(table)
        self._print_trial(operation)
        self._print_record_notes(operation)
        if not failures:
            if _INCOMPLETE & operation.report.get("warnings", {}).keys():
                sys.exit(1)
            return
        self.console.print(failed_records(operation))
        if failures > MOST_FAILED:
            self.stdout.write(
                f"Showing {MOST_FAILED} of {failures} failed records. See the admin or"
                f" failures.zip of operation {operation.public_id} for all."
            )
        sys.exit(1)
