"""Command that revokes a role from a user."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from accounts.management.lookups import find_role, find_user
from accounts.services.activity import COMMAND_LINE
from accounts.services.roles import revoke_role
from config.commands import ProductCommand


class Command(ProductCommand):
    """Revoke a role. Takes effect immediately."""

    help = "Revoke a role from a user."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("username", help="user who loses the role")
        parser.add_argument("role", help="name of the role")

    def handle(self, *, username: str, role: str, **options: Any) -> None:
        """Revoke the role."""
        user, found = find_user(username), find_role(role)
        revoke_role(user=user, role=found, by=COMMAND_LINE)
        self.stdout.write(f"Revoked the role {found} from {user}.")
