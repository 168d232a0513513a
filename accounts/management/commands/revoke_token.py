"""Command that revokes a token."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from accounts.management.lookups import (
    find_personal_token,
    find_token_by_end,
    find_user,
)
from accounts.models import AuthToken
from accounts.services.activity import COMMAND_LINE
from accounts.services.tokens import end_tokens
from config.commands import ProductCommand


class Command(ProductCommand):
    """Delete a token. It stops working immediately."""

    help = "Revoke a token, identified by its name or its last six characters."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("username", help="owner of the token")
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--name", help="name of a personal access token")
        which.add_argument(
            "--ends-with",
            metavar="CHARACTERS",
            help="last six characters of any token, as shown by list_tokens",
        )

    def handle(
        self, *, username: str, name: str | None, ends_with: str | None, **options: Any
    ) -> None:
        """Revoke the token."""
        user = find_user(username)
        token = (
            find_token_by_end(user, ends_with.lstrip("…"))
            if ends_with
            else find_personal_token(user, name or "")
        )
        end_tokens(AuthToken.objects.filter(pk=token.pk), by=COMMAND_LINE)
        self.stdout.write(f"Revoked {token} of {user}.")
