"""End a token from the shell."""

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
    """Deletes the token; its next use is refused."""

    help = "Revoke a token, named by its name or by the characters it ends with."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("username")
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--name", help="of a personal access token")
        which.add_argument(
            "--ends-with",
            metavar="CHARACTERS",
            help="the last six of any token, as list_tokens shows them",
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
