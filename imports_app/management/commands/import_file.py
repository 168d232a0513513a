"""Command that imports a file."""

from __future__ import annotations

import json
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable, Container, Iterator
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.management import CommandError
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from accounts.auth.rights import ADMIN_ROLE
from accounts.management.lookups import find_user
from accounts.models import User
from accounts.services.activity import command_line
from config.commands import ProductCommand
from imports_app.api.selection_input import read_selection
from imports_app.engine import jobs
from imports_app.error_catalog.fact_labels import fact_label, parse_fact, sort_facts
from imports_app.health.progress import get_progress
from imports_app.importers.detection.kinds import DETECTED_KIND
from imports_app.importers.reading_options import ReadingOptions
from imports_app.models import ImportOperation, ImportRecord, KindChoice
from imports_app.selection.rules import EVERYTHING, Selection
from imports_app.services.confirmations import confirm_users
from imports_app.services.review.choices import Choice
from imports_app.services.review.decision_files import MAX_BYTES, load_decisions
from imports_app.services.review.decisions import replace_decisions
from imports_app.services.runs import start_preparing, start_run
from imports_app.services.uploading.uploads import upload_file
from imports_app.statuses import FINISHED, PREPARING, RUNNING, Status
from imports_app.transitions import Actor

_CHUNK: Final = 1024 * 1024
_POLL_SECONDS: Final = 0.2
_MOST_LISTED: Final = 50
_INCOMPLETE: Final = frozenset({"importer-grid-teams", "importer-messages-unread"})
"""Findings that report files with messages that were not imported."""


class Command(ProductCommand):
    """Upload a file, read it and import the selected records."""

    help = (
        "Import a file. Without --all or --select, only show its contents. The exit"
        " status is 1 if a record failed or files with messages were not imported."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("path", type=Path, help="file to import")
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
        parser.add_argument(
            "--delimiter",
            default="",
            help="column delimiter: comma, semicolon, tab or pipe",
        )
        parser.add_argument(
            "--encoding",
            default="",
            help="text encoding, such as utf-8 or windows-1252",
        )
        parser.add_argument(
            "--columns",
            nargs="+",
            default=[],
            metavar="TABLE.FIELD=COLUMN",
            help=(
                "column of a field, by its name in the first row or its number:"
                " users.email=Mail messages.time=3"
            ),
        )
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
            help=(
                "decisions about users and rooms in a JSON file, such as those of an"
                " earlier import of the same source"
            ),
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
            "--wait",
            action="store_true",
            help="run the import in this process instead of a worker, and wait for it",
        )

    def handle(self, *, path: Path, importer: str, **options: Any) -> None:
        """Import the file."""
        selection = _selection(options)
        actor = Actor(_initiator(options["user"]), address=command_line())
        confirmed = [find_user(name) for name in options["confirm_privileged"]]
        decisions = _decisions(options["mapping"], actor)
        if not options["replace"]:
            _check_none_in_progress()
        operation = upload_file(
            actor=actor,
            importer_key=importer,
            file_name=path.name,
            content_type="",
            content=_chunks(path),
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
        if selection is None:
            self.stdout.write("Nothing was imported. Add --all or --select to import.")
            return
        selection = confirm_users(
            operation=operation, selection=selection, users=confirmed, actor=actor
        )
        start_run(operation=operation, selection=selection, actor=actor)
        if not options["wait"]:
            self.stdout.write(
                f"Queued for a worker as operation {operation.public_id}."
            )
            return
        known = {
            code
            for notes in ("warnings", "guesses")
            for code in operation.report[notes]
        }
        self._run_job(operation, jobs.run, RUNNING, "Importing")
        self._stop_if_failed(operation)
        self._print_notes(operation, known)
        self._print_outcome(operation)

    def _run_job(
        self,
        operation: ImportOperation,
        job: Callable[..., None],
        active: frozenset[Status],
        title: str,
    ) -> None:
        """Run a job with a progress bar, or wait for the worker that runs it."""
        bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            console=self.console,
            disable=not self.stdout.isatty(),
        )
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
                    total=None if is_reading else progress.staged,
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
        """Store the decisions of a file; print how many apply to the source."""
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
            self.stdout.write(f"{fact_label(fact)}: {about}{facts[fact]:,}")
        self._print_notes(operation, frozenset({DETECTED_KIND}))

    def _print_notes(self, operation: ImportOperation, known: Container[str]) -> None:
        for code, warning in operation.report.get("warnings", {}).items():
            if code not in known:
                self.stdout.write(f"{warning['message']} [{code}, {warning['count']}]")
        for code, guess in operation.report.get("guesses", {}).items():
            if code not in known:
                text = f"Guessed: {guess['message']} [{code}, {guess['count']}]"
                self.stdout.write(text)

    def _print_outcome(self, operation: ImportOperation) -> None:
        table = Table(
            *("Kind", "Found", "Imported", "Updated", "Unchanged"),
            *("Skipped", "Failed", "Guessed"),
        )
        failures = 0
        for count in get_progress(operation).kinds:
            numbers = (
                *(count.staged, count.imported, count.updated, count.unchanged),
                *(count.skipped, count.failed, count.guessed),
            )
            table.add_row(str(KindChoice(count.kind).label), *map(str, numbers))
            failures += count.failed
        self.console.print(table)
        if not failures:
            if _INCOMPLETE & operation.report.get("warnings", {}).keys():
                sys.exit(1)
            return
        failed = Table("Failed record", "File", "Line", "Reason")
        for record in ImportRecord.objects.failed(operation.pk)[:_MOST_LISTED]:
            failed.add_row(
                str(record),
                record.source_file,
                str(record.source_line or ""),
                f"{record.message} [{record.code}]",
            )
        self.console.print(failed)
        if failures > _MOST_LISTED:
            self.stdout.write(
                f"Showing {_MOST_LISTED} of {failures} failed records. See the admin or"
                f" failures.zip of operation {operation.public_id} for all."
            )
        sys.exit(1)


def _check_none_in_progress() -> None:
    in_progress = ImportOperation.objects.in_progress()
    if in_progress is not None:
        msg = (
            f"Another import is in progress: {in_progress}"
            f" ({in_progress.overall_status.label}, started by {in_progress.user})."
            " Wait until it finishes, or pass --replace to cancel it."
        )
        raise CommandError(msg)


def _selection(options: dict[str, Any]) -> Selection | None:
    if options["all"]:
        return EVERYTHING
    path = options["select"]
    if path is None:
        return None
    try:
        selected = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        msg = f"{path} can't be read as JSON: {error}"
        raise CommandError(msg) from error
    if not isinstance(selected, dict):
        msg = f'{path} must contain an object such as {{"users": {{"all": true}}}}.'
        raise CommandError(msg)
    return read_selection(selected)


def _decisions(path: Path | None, actor: Actor) -> list[Choice] | None:
    if path is None:
        return None
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        msg = f"{path} can't be read: {error.strerror}."
        raise CommandError(msg) from error
    return load_decisions(content, actor.user)


def _initiator(username: str | None) -> User:
    if username is not None:
        return find_user(username)
    admins = User.objects.filter(roles__public_id=ADMIN_ROLE, is_active=True)
    first: User | None = admins.order_by("pk").first()
    if first is None:
        msg = (
            "The server has no admin. Create one with createsuperuser, or pass --user."
        )
        raise CommandError(msg)
    return first


def _chunks(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                yield chunk
    except OSError as error:
        msg = f"{path} can't be read: {error.strerror}."
        raise CommandError(msg) from error
