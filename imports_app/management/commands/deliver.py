"""Command that delivers the workspace to a connected server."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any, Final

from django.core.management import CommandError
from rich.table import Table

from accounts.services.activity import COMMAND_LINE
from config.commands import ProductCommand
from imports_app.engine.deliveries.errors import DeliveryConflictError
from imports_app.engine.deliveries.job import deliver
from imports_app.management.selection_arguments import add_selection, read_rooms
from imports_app.models import Delivery, DeliveryState, Server
from imports_app.services.outgoing.deliveries import (
    DeliverySelection,
    cancel_delivery,
    create_delivery,
    resume_delivery,
    start_delivery,
)
from imports_app.services.outgoing.servers import find_server

_POLL_SECONDS: Final = 0.5


class Command(ProductCommand):
    """Show a preview, deliver, and list the results by room."""

    help = (
        "Deliver rooms, users and messages to a connected Rocket.Chat. Nothing is sent"
        " before the preview is confirmed. If the command is interrupted, a worker"
        " continues the delivery."
    )

    _shown = 0
    """Key of the entry of the timeline that was printed last."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("server", help="name of the connected server")
        add_selection(parser)
        parser.add_argument(
            "--files",
            action="store_true",
            help="include attached files and avatars; the other server downloads"
            " them from this server's BASE_URL",
        )
        parser.add_argument(
            "--yes", action="store_true", help="start without asking after the preview"
        )
        parser.add_argument(
            "--match-usernames",
            action="store_true",
            help="confirm that users with the same username are the same people",
        )
        parser.add_argument(
            "--resume",
            metavar="ID",
            help="continue a failed or cancelled delivery instead of a new one",
        )
        parser.add_argument(
            "--replace",
            action="store_true",
            help="with --resume: replace another user's import that is in progress"
            " on the server",
        )

    def handle(self, *, server: str, **options: Any) -> None:
        """Deliver."""
        target = find_server(server)
        if options["resume"]:
            delivery = Delivery.objects.filter(
                server=target, public_id=options["resume"]
            ).first()
            if delivery is None:
                msg = f"There is no delivery {options['resume']} to {server}."
                raise CommandError(msg)
            resume_delivery(
                delivery, by=COMMAND_LINE, replaces_foreign=options["replace"]
            )
        else:
            delivery = self._prepare(target, options)
            if not options["yes"] and not self._is_confirmed():
                cancel_delivery(delivery, by=COMMAND_LINE)
                self.stdout.write("Nothing was sent. The preview was discarded.")
                return
            self._start(delivery, matches_usernames=options["match_usernames"])
        self._follow(delivery)
        self._print_outcome(delivery)

    def _start(self, delivery: Delivery, *, matches_usernames: bool) -> None:
        try:
            start_delivery(
                delivery, by=COMMAND_LINE, matches_usernames=matches_usernames
            )
        except DeliveryConflictError:
            cancel_delivery(delivery, by=COMMAND_LINE)
            raise

    def _prepare(self, server: Server, options: dict[str, Any]) -> Delivery:
        until = options["until"]
        rooms = read_rooms(options["rooms"])
        delivery = create_delivery(
            server=server,
            selection=DeliverySelection(
                rooms=rooms,
                since=options["since"],
                has_files=options["files"],
                until=None if until is None else until + timedelta(days=1),
            ),
            by=COMMAND_LINE,
        )
        self._follow(delivery)
        preview = delivery.preview
        users, found, messages = (
            preview[key] for key in ("users", "rooms", "messages")
        )
        self.stdout.write(
            f"Users: {users['create']:,} to create, {users['connect']:,} that exist on"
            f" the server, {users['known']:,} from earlier deliveries."
        )
        if names := users["byUsername"]:
            self.stdout.write(
                f"Matched only by username: {', '.join(names)}. Check that they are"
                " the same people, and confirm with --match-usernames."
            )
        self.stdout.write(
            f"Rooms: {found['total']:,}, of which {found['existingTotal']:,} exist on"
            " the server. Messages are added to existing rooms."
        )
        self.stdout.write(
            f"Messages to send: {messages['send']:,}, of which new:"
            f" {messages['new']:,}."
        )
        if preview["notIncluded"]:
            table = Table("not included or changed", "number", box=None)
            for loss in preview["notIncluded"]:
                table.add_row(loss["what"], f"{loss['number']:,}")
            self.console.print(table)
        return delivery

    def _is_confirmed(self) -> bool:
        self.stdout.write("Start the delivery? [y/N] ", ending="")
        self.stdout.flush()
        try:
            return input().strip().lower() in ("y", "yes")
        except EOFError:
            return False

    def _follow(self, delivery: Delivery) -> None:
        """Process the delivery, or wait while a worker processes it."""
        while True:
            deliver(delivery.pk)
            delivery.refresh_from_db()
            for event in delivery.events.filter(pk__gt=self._shown):
                self._shown = event.pk
                self.stdout.write(event.text)
            if not Delivery.objects.working().filter(pk=delivery.pk).exists():
                break
            time.sleep(_POLL_SECONDS)
        if delivery.state == DeliveryState.FAILED:
            msg = f"{delivery.error} Continue with --resume {delivery.public_id}."
            raise CommandError(msg)
        if delivery.state == DeliveryState.CANCELLED:
            msg = "The delivery was cancelled."
            raise CommandError(msg)

    def _print_outcome(self, delivery: Delivery) -> None:
        table = Table("room", "sent", "new", "arrived", "problem", box=None)
        for room in delivery.outcomes.all():
            arrived = "" if room.arrived is None else f"{room.arrived:,}"
            table.add_row(
                room.name, f"{room.sent:,}", f"{room.added:,}", arrived, room.problem
            )
        self.console.print(table)
        if delivery.problems:
            msg = f"Rooms that are incomplete on the server: {delivery.problems:,}."
            raise CommandError(msg)
        if not delivery.is_complete:
            msg = (
                f"Failed on the server: records: {delivery.records_failed:,}, avatars:"
                f" {delivery.avatars_failed:,}, files: {delivery.files_failed:,}. See"
                " the imports there."
            )
            raise CommandError(msg)
