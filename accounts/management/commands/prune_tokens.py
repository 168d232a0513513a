"""Delete tokens whose time is over."""

from __future__ import annotations

from typing import Any

from accounts.services.tokens import prune_tokens
from config.commands import ProductCommand


class Command(ProductCommand):
    """Frees the space of expired tokens; they are refused with or without it."""

    help = "Delete expired tokens. Run it daily; they are refused in any case."

    def handle(self, **options: Any) -> None:
        """Delete them, and say how many there were."""
        number = prune_tokens()
        self.stdout.write(f"Expired tokens deleted: {number}.")
