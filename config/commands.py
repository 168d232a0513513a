"""Base class of the management commands."""

from __future__ import annotations

from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console

from config.errors import DomainError

_UNWRAPPED_COLUMNS: Final = 1000


class ProductCommand(BaseCommand):
    """A command that reports expected errors as one sentence with exit status 1.

    It skips Django's system checks, which examine the code and not the installation
    (`doctor` does) and load all pages; `make lint` runs them.
    """

    requires_system_checks = ()

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Run the command and convert a `DomainError` to a `CommandError`."""
        try:
            return super().execute(*args, **options)
        except DomainError as error:
            raise CommandError(error.message) from error

    @property
    def console(self) -> Console:
        """Console for tables: colored on a terminal, plain and unwrapped elsewhere."""
        return Console(
            file=self.stdout,  # type: ignore[arg-type] # has the methods that are used
            width=None if self.stdout.isatty() else _UNWRAPPED_COLUMNS,
            markup=False,
            emoji=False,
            highlight=False,
        )
