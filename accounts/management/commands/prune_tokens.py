"""Command that deletes expired tokens."""

from __future__ import annotations

from typing import Any

from accounts.services.tokens import prune_tokens
from config.commands import ProductCommand


class Command(ProductCommand):
    """Delete expired tokens to free space; they are rejected in any case."""

    help = "Delete expired tokens from the database. Run it daily."

    def handle(self, **options: Any) -> None:
        """Delete the tokens and print their number."""
        number = prune_tokens()
        self.stdout.write(f"Expired tokens deleted: {number}.")
