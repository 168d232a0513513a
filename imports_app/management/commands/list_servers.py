"""Command that lists connected servers."""

from __future__ import annotations

from typing import Any

from rich.table import Table

from config.commands import ProductCommand
from imports_app.models import Server


class Command(ProductCommand):
    """List the connected servers without their tokens."""

    help = "List the connected servers."

    def handle(self, **options: Any) -> None:
        """Print the table."""
        table = Table("Name", "Kind", "Address", "User ID", "State", "Last check")
        for server in Server.objects.all():
            state = "enabled" if server.is_enabled else "disabled"
            if server.has_problems:
                state += ", with problems"
            checked = server.checked_at
            table.add_row(
                server.name,
                server.get_kind_display(),
                server.base_address,
                server.user_id,
                state,
                f"{checked:%Y-%m-%d %H:%M} UTC" if checked else "never",
            )
        self.console.print(table)
