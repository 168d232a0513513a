"""Command that removes a user's second factor."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from accounts.management.lookups import find_user
from accounts.services.activity import COMMAND_LINE
from accounts.services.two_factor import reset_two_factor
from config.commands import ProductCommand


class Command(ProductCommand):
    """Reset users who lost the authenticator app and the recovery codes."""

    help = "Remove a user's second factor and end the user's logins."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("username", help="user whose second factor is removed")

    def handle(self, *, username: str, **options: Any) -> None:
        """Remove the second factor."""
        user = find_user(username)
        reset_two_factor(user=user, by=COMMAND_LINE)
        self.stdout.write(f"Removed the second factor of {user}.")
