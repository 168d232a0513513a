"""Command that verifies the activity log."""

from __future__ import annotations

import re
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any, Final

from accounts.activity.head_file import KnownHead
from accounts.activity.verification import verify_log
from config.commands import ProductCommand

_KNOWN: Final = re.compile(r"([0-9]{1,18}):(\w{1,64})", re.ASCII)


class Command(ProductCommand):
    """Verify the hash chain; report the first bad entry with exit status 1."""

    help = "Verify that no entry of the activity log was altered or removed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument(
            "--expect",
            type=_known_head,
            metavar="NUMBER:DIGEST",
            help="last entry of the log, as printed by an earlier verification",
        )

    def handle(self, *, expect: KnownHead | None, **options: Any) -> None:
        """Verify the log and print the number of entries."""
        log = verify_log(expected=expect)
        count = log.last - log.first + 1
        numbers = f" ({log.first} to {log.last})" if count else ""
        self.stdout.write(f"OK: {count} entries{numbers}, {log.pending} unsealed.")
        self.stdout.write(f"End of the log: {log.last}:{log.digest}")


def _known_head(text: str) -> KnownHead:
    match = _KNOWN.fullmatch(text)
    if match is None:
        msg = "use NUMBER:DIGEST as printed by verify_log"
        raise ArgumentTypeError(msg)
    return KnownHead(int(match[1]), match[2])
