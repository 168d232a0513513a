"""Verify the activity log from the shell."""

from __future__ import annotations

import re
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any, Final

from accounts.activity.head_file import KnownHead
from accounts.activity.verification import verify_log
from config.commands import ProductCommand

_KNOWN: Final = re.compile(r"([0-9]{1,18}):(\w{1,64})", re.ASCII)


class Command(ProductCommand):
    """Checks the hash chain; exit status 1 and the first bad entry if it is broken."""

    help = "Check that no entry of the activity log was altered or removed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument(
            "--expect",
            type=_known_head,
            metavar="NUMBER:DIGEST",
            help="the end of the log as an earlier verification printed it",
        )

    def handle(self, *, expect: KnownHead | None, **options: Any) -> None:
        """Verify, and print how many entries there are."""
        log = verify_log(expected=expect)
        count = log.last - log.first + 1
        numbers = f" ({log.first} to {log.last})" if count else ""
        self.stdout.write(f"OK: {count} entries{numbers}, {log.pending} unsealed.")
        self.stdout.write(f"End of the log: {log.last}:{log.digest}")


def _known_head(text: str) -> KnownHead:
    match = _KNOWN.fullmatch(text)
    if match is None:
        msg = "use NUMBER:DIGEST, as verify_log prints it"
        raise ArgumentTypeError(msg)
    return KnownHead(int(match[1]), match[2])
