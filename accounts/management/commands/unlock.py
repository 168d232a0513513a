"""Let somebody log in again after too many failures."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from accounts.services.activity import COMMAND_LINE
from accounts.services.logins import unlock
from config.commands import ProductCommand


class Command(ProductCommand):
    """Forgets the failed logins of an account, from every address."""

    help = "Unlock an account after too many failed logins."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("username")

    def handle(self, *, username: str, **options: Any) -> None:
        """Forget the failures, and say whether there were any."""
        if unlock(username, by=COMMAND_LINE):
            self.stdout.write(f"{username} can log in again.")
        else:
            self.stdout.write(f"{username} was not locked.")
