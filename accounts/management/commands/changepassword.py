"""Command that changes a password; replaces Django's command."""

from __future__ import annotations

import getpass
from argparse import ArgumentParser
from typing import Any

from django.core.management import CommandError

from accounts.management.lookups import find_user
from accounts.services.activity import COMMAND_LINE
from accounts.services.passwords import ensure_good_password, set_password
from config.commands import ProductCommand


class Command(ProductCommand):
    """Set a password through the service, which ends logins and logs the change."""

    help = "Change a user's password and end the user's logins."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("username", help="user whose password is changed")

    def handle(self, *, username: str, **options: Any) -> None:
        """Ask for the password twice and set it."""
        user = find_user(username)
        password = getpass.getpass("Password: ")
        if password != getpass.getpass("Password (again): "):
            msg = "The two passwords don't match."
            raise CommandError(msg)
        ensure_good_password(password, user)
        set_password(user=user, password=password, by=COMMAND_LINE)
        self.stdout.write(f"Changed the password of {user}.")
