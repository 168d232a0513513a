"""Command that imports an archive into a connected Mattermost."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

from django.core.management import CommandError
from rich.progress import BarColumn, DownloadColumn, TextColumn
from rich.progress import Progress as ProgressBar

from accounts.models import ActivityEntry
from accounts.services.activity import COMMAND_LINE, record_event
from config.commands import ProductCommand
from imports_app.engine.mattermost.sending import (
    Archive,
    Progress,
    SendOptions,
    SentArchive,
    send_archive,
)
from imports_app.engine.servers.clients import mattermost_client
from imports_app.exporters.mattermost.validation import validate
from imports_app.management.usernames import read_usernames
from imports_app.models import Server
from imports_app.services.outgoing.servers import find_server


class Command(ProductCommand):
    """Check an archive, upload it, and follow its import."""

    help = (
        "Upload an archive of `export --format mattermost` to a connected"
        " Mattermost, start its import, and wait for the end. If the command is"
        " interrupted, run it again to continue."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("server", help="name of the connected server")
        parser.add_argument("path", type=Path, help="the archive")
        parser.add_argument(
            "--again",
            action="store_true",
            help="import the archive even if Mattermost has already imported it",
        )
        parser.add_argument(
            "--existing-users",
            type=Path,
            metavar="FILE",
            help="file with the usernames that exist in Mattermost, one per line",
        )

    def handle(
        self,
        *,
        server: str,
        path: Path,
        again: bool,
        existing_users: Path | None,
        **_: object,
    ) -> None:
        """Send the archive."""
        target = find_server(server)
        if target.kind != Server.Kind.MATTERMOST:
            msg = f"The server {server} does not run Mattermost. Use manage.py deliver."
            raise CommandError(msg)
        try:
            self._check(path, existing_users)
            sent = self._send(target, path, again=again)
        except OSError as error:
            msg = f"The archive can't be read: {error}."
            raise CommandError(msg) from error
        if sent.was_imported_before:
            self.stdout.write(
                "Mattermost has already imported this archive. To import it again, use"
                " --again. Its messages are not duplicated."
            )
        else:
            self.stdout.write("Mattermost has imported the archive.")

    def _check(self, path: Path, existing_users: Path | None) -> None:
        usernames = frozenset(name.lower() for name in read_usernames(existing_users))
        violation = next(validate(path, usernames), None)
        if violation is not None:
            msg = f"The archive is not valid, so it was not sent. {violation}"
            raise CommandError(msg)

    def _send(self, server: Server, path: Path, *, again: bool) -> SentArchive:
        record_event(
            ActivityEntry.Action.EXPORTED,
            ActivityEntry.Subject.MESSAGE,
            f"archive for {server.name}",
            by=COMMAND_LINE,
            details={"file": str(path), "server": server.name},
        )
        with ProgressBar(
            TextColumn("Uploading"),
            BarColumn(),
            DownloadColumn(),
            console=self.console,
            disable=not self.stdout.isatty(),
        ) as bar:
            task = bar.add_task("", total=None)
            return send_archive(
                mattermost_client(server),
                Archive.of_file(path),
                Progress(
                    on_bytes=lambda sent, total: bar.update(
                        task, completed=sent, total=total
                    ),
                    on_note=self.stdout.write,
                ),
                SendOptions(repeats=again),
            )
