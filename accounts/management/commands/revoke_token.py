"""End a personal access token from the shell."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from accounts.lookups import find_personal_token, find_user
from config.commands import ProductCommand


class Command(ProductCommand):
    """Deletes the token; its next use is refused."""

    help = "Revoke a personal access token."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("username")
        parser.add_argument("--name", required=True)

    def handle(self, *, username: str, name: str, **options: Any) -> None:
        """Revoke the token."""
        user = find_user(username)
        find_personal_token(user, name).delete()
        self.stdout.write(f"Revoked the token {name!r} of {user}.")
