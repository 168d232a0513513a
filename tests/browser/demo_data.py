"""Imports in every state, for servers of browser tests.

It runs in one process of the product, through `manage.py shell`.
"""

from __future__ import annotations

import tempfile
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import User
from imports_app.engine import jobs
from imports_app.importers.slack.content.files import FILES_TO_DOWNLOAD
from imports_app.models import (
    DecisionAction,
    Delivery,
    DownloadState,
    FileDownload,
    ImportOperation,
    ImportRecord,
    LinkedFile,
    LinkedFileState,
    MattermostImport,
    MirroredOperation,
    MirrorGap,
    Notice,
    NoticeDelivery,
    Server,
    ServerPoll,
    Webhook,
)
from imports_app.records import Kind
from imports_app.services.corrections.changes import correct_record
from imports_app.services.operations import cancel_operation
from imports_app.services.outgoing.exports import ExportSettings, start_export
from imports_app.services.review.choices import Choice
from imports_app.services.review.decisions import make_decision
from imports_app.statuses import Status
from imports_app.transitions import SERVER, Actor
from tests.archives.csv_archives import Plan
from tests.browser.archives import archive_of, csv_archive
from tests.working import work

LONG_NAME: Final = "a-very-long-name-without-a-single-blank-" * 3
CORRECTED: Final = "corrected"
PERSONAL: Final = {
    "users.csv": "ann,ann@example.org,Ann\nbo,bo@example.org,Bo\n",
    "channels.csv": "news,ann,public,bo\n",
    "news/1.csv": "ann,1600000000000,hello\nbo,1600000001000,hi\n",
}
AGAIN: Final = {"users.csv": "bo,bo@example.org,Bo Ek\n"}
UNUSUAL: Final = {
    "users.csv": f"{LONG_NAME},,{LONG_NAME.title()}\nlayla,l@example.org,ليلى العربي\n",
    "channels.csv": f"{LONG_NAME},layla,private,\nغرفة,layla,public,\n",
    f"{LONG_NAME}/1.csv": "layla,1600000000000,مرحبا\nnobody,1600000001000,lost\n",
    "غرفة/1.csv": f"layla,yesterday,{LONG_NAME * 3}\n",
}


def create_imports() -> None:
    """Create demo data and imports that ended in every way, or wait for the review."""
    call_command("migrate", verbosity=0)
    call_command("seed_demo", with_imports=True)
    call_command("create_token", "admin", "--name", "laptop", "--expires", "20d")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        _undo_imports(root)
        _cancel_a_run(root)
        _import_unusual_names(root)
        _import(archive_of(root / "broken.zip", {"readme.txt": "Nothing to import."}))
        csv_archive(
            root / "team.zip", Plan(users=60, channels=12, messages=1_000), seed=2
        )
        _decide(_import(root / "team.zip"))
        _link_files()
    _start_exports()
    work()
    _deliver()


def _import(path: Path, **options: Any) -> ImportOperation:
    """Read a file, or import it, and return the operation."""
    # The command exits with 1 if a record failed.
    with suppress(CommandError, SystemExit):
        call_command("import_file", str(path), importer="csv", **options)
    return ImportOperation.objects.latest("id")


def _undo_imports(folder: Path) -> None:
    """Undo one import, and another one partly, because a third uses its users."""
    for name in ("undone", "partly-undone"):
        path = archive_of(folder / f"{name}.zip", PERSONAL)
        operation = _import(path, all=True, wait=True)
        if name == "partly-undone":
            _import(archive_of(folder / "later.zip", AGAIN), all=True, wait=True)
        with suppress(SystemExit):
            call_command("undo_import", operation.public_id, wait=True)


def _cancel_a_run(folder: Path) -> None:
    """Cancel an import after its first page."""
    operation = _import(archive_of(folder / "cancelled.zip", PERSONAL), all=True)

    def cancel() -> None:
        operation.refresh_from_db()
        if operation.is_valid:
            cancel_operation(operation=operation, actor=SERVER)

    jobs.run(operation.pk, cancel)


def _import_unusual_names(folder: Path) -> None:
    """Import long and right-to-left names, and correct a failed record."""
    path = archive_of(folder / "unusual.zip", UNUSUAL)
    operation = _import(path, all=True, wait=True)
    record = ImportRecord.objects.failed(operation.pk).get(message__contains="nobody")
    correct_record(
        operation=operation,
        key=str(record.pk),
        revision=0,
        cells=["layla", "1600000001000", CORRECTED],
        actor=_actor(operation),
    )


def _decide(operation: ImportOperation) -> None:
    """Decide about a user and a room of an import."""
    for choice in (
        Choice(kind=Kind.USER, import_id="user.00000", action=DecisionAction.SKIP),
        Choice(
            kind=Kind.CHANNEL,
            import_id="csv-c-channel-11",
            action=DecisionAction.CHANGE,
            name="renamed",
        ),
    ):
        make_decision(operation=operation, choice=choice, actor=_actor(operation))


def _link_files() -> None:
    """Add linked files with each result to an import, and the offer to another one."""
    done = ImportOperation.objects.filter(importer_key="slack", status=Status.DONE)
    states = (*LinkedFileState, LinkedFileState.GONE)
    download = FileDownload.objects.create(
        operation=done.latest("id"),
        state=DownloadState.STOPPED,
        is_listed=True,
        found=len(states),
        stored=1,
        gone=2,
        failed=1,
    )
    LinkedFile.objects.bulk_create(
        LinkedFile(
            download=download,
            key=f"{number}",
            source_id=f"F{number}",
            name=f"{LONG_NAME}{number}.pdf",
            url=f"https://files.example.org/{LONG_NAME}/{number}?t=secret",
            room="C00000",
            message=f"m{number}",
            source_file="channel-0/2021-03-01.json",
            source_line=number,
            state=state,
            reason="https://files.example.org/1: Unexpected response status 404."
            if state in (LinkedFileState.GONE, LinkedFileState.FAILED)
            else "",
        )
        for number, state in enumerate(states, 1)
    )
    waiting = ImportOperation.objects.filter(status=Status.USER_SELECTION)
    operation = waiting.latest("id")
    operation.report["facts"][FILES_TO_DOWNLOAD] = 1_310
    waiting.filter(pk=operation.pk).change(report=operation.report)


def _actor(operation: ImportOperation) -> Actor:
    assert operation.user is not None
    return Actor(operation.user)


def _start_exports() -> None:
    """Start an export, which the worker completes."""
    admin = User.objects.get(username="admin")
    for file_format in ("rocketchat-csv", "slack"):
        start_export(wanted=ExportSettings(file_format=file_format), actor=Actor(admin))


def _deliver() -> None:
    """Log failed calls of a webhook about every import."""
    webhook = Webhook.objects.create(
        name="Chat",
        url="https://chat.example.org/hooks/imports",
        is_active=False,
        events=["import.failed", "import.stalled"],
    )
    for notice in Notice.objects.all():
        NoticeDelivery.objects.create(
            notice=notice,
            webhook=webhook,
            state="failed",
            attempts=9,
            response_status=503,
            error="The server answered with status 503.",
        )
    _deliver_to_a_server()
    _import_into_mattermost()


def _deliver_to_a_server() -> None:
    """Store a delivery that has failed."""
    server, _is_new = Server.objects.get_or_create(
        name="team-chat",
        defaults={
            "base_address": "https://chat.example.org",
            "user_id": "u",
            "token": "",
            "is_enabled": False,  # no worker calls it
            "findings": FINDINGS,
        },
    )
    _mirror(server)
    delivery = Delivery.objects.create(
        server=server,
        state="failed",
        step="parts",
        started_at=timezone.now(),
        error="The server does not accept the token. Create a new token.",
        error_code="remote-token-refused",
        messages_total=1_200,
        messages_sent=800,
        preview=PREVIEW,
    )
    delivery.events.create(text="Delivery started.", actor="admin")
    delivery.outcomes.create(
        room="r", name="general", type="c", import_id="C", sent=800, added=800
    )


def _import_into_mattermost() -> None:
    """Store an import into Mattermost that has failed."""
    server = Server.objects.create(
        name="our-mattermost",
        kind=Server.Kind.MATTERMOST,
        base_address="https://mattermost.example.org",
        is_enabled=False,  # no worker calls it
    )
    MattermostImport.objects.create(
        server=server,
        archive="mattermost.zip",
        digest="5e" * 32,
        bytes_sent=48_000_000,
        bytes_total=48_000_000,
        state="failed",
        phase="importing",
        started_at=timezone.now(),
        finished_at=timezone.now(),
        error_code="error-mattermost-import-failed",
        error="Mattermost stopped the import: invalid post. It is line 7 of the"
        " archive: the message of ann, 2026-01-31 10:00:00 UTC, in the room general."
        " What was imported before is kept. Correct the cause and import again: nothing"
        " is duplicated.",
    )


def _mirror(server: Server) -> None:
    """Store imports of the server, a failed poll and a gap."""
    now = timezone.now()
    ServerPoll.objects.create(
        server=server, failures=2, error="The server did not respond."
    )
    MirrorGap.objects.create(server=server, after=now, before=now)
    for number, status in enumerate(("importer_done", "importer_importing_users")):
        operation = MirroredOperation.objects.create(
            server=server,
            public_id=f"operation{number}",
            importer_key="slack",
            importer_name="Slack",
            created_at=now,
            updated_at=now - timedelta(minutes=10),
            status=status,
            is_valid=True,
            file_name="team.zip",
            count_total=100,
            count_completed=50,
            count_error=2,
            document={"status": status},
        )
        operation.changes.create(updated_at=now, status=status, is_valid=True)


FINDINGS: Final = [
    {"level": "ok", "code": "version", "text": "Rocket.Chat 8.2.", "advice": ""},
    {"level": "warning", "code": "upload", "text": "Too large.", "advice": "Raise it."},
    {"level": "error", "code": "token", "text": "Refused.", "advice": "Renew it."},
]
"""Findings of a check of the server."""
PREVIEW: Final = {
    "users": {
        "create": 3,
        "connect": 1,
        "known": 0,
        "byUsername": ["ann"],
        "byUsernameTotal": 1,
        "administrators": [],
    },
    "rooms": {"total": 2, "existing": ["general"], "existingTotal": 1, "conflicts": []},
    "messages": {"send": 1_200, "new": 1_200},
    "notIncluded": [{"what": "Attached files, which are not included", "number": 4}],
}
"""Preview of the delivery."""
