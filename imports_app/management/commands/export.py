"""Command that exports the workspace."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.management import CommandError
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from accounts.services.activity import COMMAND_LINE
from config.commands import ProductCommand
from config.units import format_bytes
from imports_app.engine.exports.workspace import count_messages
from imports_app.engine.exports.writing import MANIFEST
from imports_app.exporters.base import Export, FileMode
from imports_app.exporters.mattermost.archive import MattermostExporter
from imports_app.exporters.parts import Limits
from imports_app.exporters.registry import EXPORTERS
from imports_app.exporters.rocketchat_csv import RocketChatCsvExporter
from imports_app.exporters.slack.archive import SlackExporter
from imports_app.management.selection_arguments import add_selection
from imports_app.management.usernames import read_usernames
from imports_app.services.outgoing.exports import ExportSettings, export_to_folder
from imports_app.services.outgoing.selections import select

_DEFAULTS = Limits()


class Command(ProductCommand):
    """Write rooms, users and messages to archives for another server."""

    help = (
        "Export rooms, users and messages to ZIP archives for Rocket.Chat, Mattermost"
        f" or another import server. The file {MANIFEST} lists them; an export"
        " without it is incomplete."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument(
            "folder", type=Path, help="new or empty folder for the archives"
        )
        parser.add_argument(
            "--format",
            dest="file_format",
            choices=sorted(EXPORTERS),
            default=SlackExporter.key,
            help="format of the archives (default: %(default)s)",
        )
        add_selection(parser)
        parser.add_argument(
            "--user",
            dest="users",
            action="append",
            metavar="NAME",
            help="username of an author; export only messages of these authors, and"
            " their rooms; can be repeated",
        )
        parser.add_argument(
            "--import",
            dest="operation",
            metavar="ID",
            help="ID of an import; export only rooms and messages that this import"
            " created or changed",
        )
        parser.add_argument(
            "--messages",
            type=_positive,
            default=_DEFAULTS.messages,
            metavar="NUMBER",
            help="maximum number of messages of an archive for Rocket.Chat"
            " (default: %(default)s)",
        )
        parser.add_argument(
            "--bytes",
            type=_positive,
            default=_DEFAULTS.size,
            metavar="NUMBER",
            help="size in bytes after which an archive for Rocket.Chat ends"
            " (default: %(default)s)",
        )
        parser.add_argument(
            "--reactions",
            action="store_true",
            help="include reactions, for servers other than Rocket.Chat (slack only)",
        )

        parser.add_argument(
            "--files",
            type=FileMode,
            choices=list(FileMode),
            default=FileMode.NONE,
            help="how to include attached files and avatars: as links to this server,"
            " which expire after EXPORT_RETENTION_DAYS, or with their content (default:"
            " %(default)s)",
        )
        self._add_options_of_mattermost(parser)

    def _add_options_of_mattermost(self, parser: ArgumentParser) -> None:
        group = parser.add_argument_group("mattermost")
        group.add_argument(
            "--team", metavar="NAME", help="name of the team that receives the rooms"
        )
        group.add_argument(
            "--mail-domain",
            metavar="DOMAIN",
            help="domain of the addresses of users without a valid e-mail address",
        )
        group.add_argument(
            "--omit-user",
            dest="omitted_users",
            action="append",
            default=[],
            metavar="NAME",
            help="username of a user who exists in Mattermost and is not changed;"
            " can be repeated",
        )
        group.add_argument(
            "--existing-users",
            type=Path,
            metavar="FILE",
            help="file with the usernames that exist in Mattermost, one per line",
        )

    def handle(self, *, folder: Path, file_format: str, **options: Any) -> None:
        """Export the workspace."""
        if options["reactions"] and file_format != SlackExporter.key:
            msg = f"--reactions needs --format {SlackExporter.key}."
            raise CommandError(msg)
        format_options = _format_options(file_format, options)
        selection = select(
            rooms=options["rooms"],
            users=options["users"],
            since=options["since"],
            until=options["until"],
            operation=options["operation"],
        )
        wanted = ExportSettings(
            file_format=file_format,
            files=options["files"],
            selection=selection,
            limits=Limits(options["messages"], options["bytes"]),
            options=format_options,
        )
        with Progress(
            TextColumn("Exporting messages"),
            BarColumn(),
            MofNCompleteColumn(),
            console=self.console,
            disable=not self.stdout.isatty(),
        ) as progress:
            task = progress.add_task("", total=count_messages(selection))
            try:
                export = export_to_folder(
                    folder=folder,
                    wanted=wanted,
                    by=COMMAND_LINE,
                    on_messages=lambda number: progress.advance(task, number),
                )
            except OSError as error:
                msg = f"The export can't be written: {error}."
                raise CommandError(msg) from error
        self._print(export, file_format)

    def _print(self, export: Export, file_format: str) -> None:
        table = Table("archive", "messages", "size", box=None)
        for part in export.parts:
            table.add_row(part.name, f"{part.messages:,}", format_bytes(part.size))
        self.console.print(table)
        self.stdout.write(
            f"Rooms: {len(export.rooms):,}. Users: {export.users:,}. Messages:"
            f" {export.messages:,}."
        )
        if export.losses:
            losses = Table("not included or changed", "number", box=None)
            for loss, number in export.losses.items():
                losses.add_row(loss.value, f"{number:,}")
            self.console.print(losses)
        if file_format == RocketChatCsvExporter.key:
            self.stdout.write(
                "Import each archive once: Rocket.Chat duplicates the messages of a CSV"
                " archive that it imports again."
            )


def _format_options(file_format: str, options: dict[str, Any]) -> dict[str, Any]:
    """Return the options of a format; options of other formats are errors."""
    given = {
        "--team": options["team"],
        "--mail-domain": options["mail_domain"],
        "--omit-user": options["omitted_users"],
        "--existing-users": options["existing_users"],
    }
    if file_format != MattermostExporter.key:
        for name, value in given.items():
            if value:
                msg = f"{name} needs --format {MattermostExporter.key}."
                raise CommandError(msg)
        return {"has_reactions": True} if options["reactions"] else {}
    if not options["team"]:
        msg = f"--format {MattermostExporter.key} needs --team."
        raise CommandError(msg)
    return {
        "team": options["team"],
        "mail_domain": options["mail_domain"],
        "existing_users": sorted(
            {*options["omitted_users"], *read_usernames(options["existing_users"])}
        ),
    }


def _positive(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) == 0:
        msg = f"{text!r} is not a positive number."
        raise ArgumentTypeError(msg)
    return int(text)
