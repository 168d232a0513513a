"""Command that connects a server."""

from __future__ import annotations

import getpass
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management import CommandError

from accounts.services.activity import COMMAND_LINE
from config.commands import ProductCommand
from imports_app.models import Server
from imports_app.models.outgoing.servers import MATTERMOST_USER
from imports_app.services.outgoing.servers import save_server


class Command(ProductCommand):
    """Store the address of a server and a token of one of its users."""

    help = (
        "Connect a server, or change a connected server. Asks for the personal"
        " access token, or reads it from standard input."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("name", help="name of the server, such as team-chat")
        parser.add_argument("address", help="address, such as https://chat.example.org")
        parser.add_argument(
            "--user-id",
            default="",
            help="ID of the token's user on the server; required for Rocket.Chat",
        )
        parser.add_argument(
            "--kind", choices=Server.Kind.values, default=Server.Kind.ROCKETCHAT
        )

    def handle(
        self, *, name: str, address: str, user_id: str, kind: str, **options: Any
    ) -> None:
        """Store the server."""
        if not user_id:
            if kind != Server.Kind.MATTERMOST:
                msg = (
                    "Rocket.Chat requires --user-id. Rocket.Chat shows the ID"
                    " together with a new token."
                )
                raise CommandError(msg)
            user_id = MATTERMOST_USER
        server = Server.objects.filter(name=name).first() or Server(name=name)
        server.base_address, server.user_id, server.kind = address, user_id, kind
        save_server(server, token=_read_token(), by=COMMAND_LINE)
        self.stdout.write(
            f"The server {name} is connected. Check it: manage.py check_server {name}"
        )


def _read_token() -> str:
    if sys.stdin.isatty():
        return getpass.getpass("Personal access token: ")
    return sys.stdin.readline()
