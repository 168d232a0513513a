"""Command that creates a personal access token."""

from __future__ import annotations

import re
from argparse import ArgumentParser, ArgumentTypeError
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.auth.networks import read_networks
from accounts.management.lookups import find_user
from accounts.services.activity import COMMAND_LINE
from accounts.services.tokens import issue_token
from config.commands import ProductCommand

_LONGEST_DAYS = 36_500


def lifetime(text: str) -> timedelta:
    """Parse a lifetime such as `90d`, `12h` or `30m`."""
    match = re.fullmatch(r"([1-9]\d{0,8})([dhm])", text)
    units = {"d": "days", "h": "hours", "m": "minutes"}
    if match is None:
        msg = f"{text!r} is not a valid lifetime; use 90d, 12h or 30m"
        raise ArgumentTypeError(msg)
    span = timedelta(**{units[match[2]]: int(match[1])})
    if span > timedelta(days=_LONGEST_DAYS):
        msg = f"{text!r} is longer than 100 years; omit --expires for no expiry"
        raise ArgumentTypeError(msg)
    return span


class Command(ProductCommand):
    help = "Create a personal access token and print its two header lines."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("username", help="owner of the token")
        parser.add_argument("--name", required=True, help="name of the token")
        parser.add_argument(
            "--expires",
            type=lifetime,
            metavar="90d",
            help=(
                "lifetime in days (d), hours (h) or minutes (m); default:"
                " TOKEN_MAX_DAYS if set, else no expiry"
            ),
        )
        parser.add_argument(
            "--network",
            action="append",
            default=[],
            metavar="192.0.2.0/24",
            help="network that may use the token; can be repeated",
        )

    def handle(
        self,
        *,
        username: str,
        name: str,
        expires: timedelta | None,
        network: list[str],
        **options: Any,
    ) -> None:
        """Create the token."""
        user = find_user(username)
        expires_at = timezone.now() + expires if expires else None
        issued = issue_token(
            user=user,
            name=name,
            expires_at=expires_at,
            networks=read_networks(",".join(network)),
            by=COMMAND_LINE,
        )
        self.stderr.write("Shown only once. Store it like a password.", str)
        self.stdout.write(f"X-User-Id: {user.public_id}")
        self.stdout.write(f"X-Auth-Token: {issued.plain}")
