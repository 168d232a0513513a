"""Command that grants a role to a user."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from accounts.management.lookups import find_role, find_user
from accounts.services.activity import COMMAND_LINE
from accounts.services.roles import grant_role
from config.commands import ProductCommand


class Command(ProductCommand):
    """Grant a role. Takes effect immediately."""

    help = "Grant a role to a user."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("username", help="user who receives the role")
        parser.add_argument("role", help="name of the role")

    def handle(self, *, username: str, role: str, **options: Any) -> None:
        """Grant the role."""
        user, found = find_user(username), find_role(role)
        grant_role(user=user, role=found, by=COMMAND_LINE)
        self.stdout.write(f"Granted the role {found} to {user}.")
