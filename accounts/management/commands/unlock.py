"""Command that unlocks an account after too many failed logins."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from accounts.services.activity import COMMAND_LINE
from accounts.services.logins import unlock
from config.commands import ProductCommand


class Command(ProductCommand):
    """Delete the failed logins of an account for all addresses."""

    help = "Unlock an account that is locked after too many failed logins."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("username", help="account to unlock")

    def handle(self, *, username: str, **options: Any) -> None:
        """Unlock the account and print whether it was locked."""
        if unlock(username, by=COMMAND_LINE):
            self.stdout.write(f"Unlocked {username}.")
        else:
            self.stdout.write(f"{username} was not locked.")
