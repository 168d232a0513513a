"""Command that lists tokens."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from rich.table import Table

from accounts.management.lookups import find_user
from accounts.models import AuthToken
from config.commands import ProductCommand


class Command(ProductCommand):
    """List tokens with their owners, without the token values."""

    help = "List tokens with owner, name, last six characters, last use and expiry."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("username", nargs="?", help="list only this user's tokens")

    def handle(self, *, username: str | None, **options: Any) -> None:
        """Print the table."""
        tokens = AuthToken.objects.for_display()
        if username:
            tokens = tokens.filter(user=find_user(username))
        table = Table("Owner", "Kind", "Name", "Ends with", "Last used", "Expires")
        for token in tokens:
            table.add_row(
                str(token.user),
                token.kind,
                token.name,
                f"…{token.last_part}",
                _moment(token.last_used_at, "never"),
                "expired" if token.has_expired else _moment(token.ends_at, "never"),
            )
        if table.row_count:
            self.console.print(table)
        else:
            self.stdout.write("There are no tokens.")


def _moment(moment: datetime | None, absent: str) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else absent
