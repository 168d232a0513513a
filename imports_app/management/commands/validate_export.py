"""Command that checks an archive for Mattermost."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path

from django.core.management import CommandError

from config.commands import ProductCommand
from imports_app.exporters.mattermost.validation import validate
from imports_app.management.usernames import read_usernames


class Command(ProductCommand):
    """List the violations in an archive for a bulk import of Mattermost."""

    help = (
        "Check an archive against the rules of Mattermost's bulk import. The exit"
        " status is 1 if a rule is broken."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("path", type=Path, help="the archive")
        parser.add_argument(
            "--existing-users",
            type=Path,
            metavar="FILE",
            help="file with the usernames that exist in Mattermost, one per line",
        )

    def handle(self, *, path: Path, existing_users: Path | None, **_: object) -> None:
        """Check the archive."""
        usernames = frozenset(name.lower() for name in read_usernames(existing_users))
        number = 0
        try:
            for violation in validate(path, usernames):
                number += 1
                self.stdout.write(str(violation))
        except OSError as error:
            msg = f"The archive can't be read: {error}."
            raise CommandError(msg) from error
        if number:
            sys.exit(1)
        self.stdout.write("The archive is valid.")
