"""Let somebody log in again after too many failures."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from accounts.lockouts import unlock
from config.commands import ProductCommand


class Command(ProductCommand):
    """Forgets the failed logins of an account, from every address."""

    help = "Unlock an account after too many failed logins."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("username")

    def handle(self, *, username: str, **options: Any) -> None:
        """Forget the failures, and say how many addresses they came from."""
        if unlock(username):
            self.stdout.write(f"{username} can log in again.")
        else:
            self.stdout.write(f"{username} was not locked.")
