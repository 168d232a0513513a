"""Command that generates test archives."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import CommandError

from config.commands import ProductCommand


class Command(ProductCommand):
    """Write an archive and a file with the expected import result."""

    help = "Generate an archive with sample users, rooms and messages."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("path", type=Path, help="file to write")
        parser.add_argument(
            "--slack",
            action="store_true",
            help="generate a Slack export instead of CSV files",
        )
        parser.add_argument(
            "--seed",
            type=int,
            default=1,
            help="seed of the random numbers (default: %(default)s)",
        )
        parser.add_argument(
            "--users",
            type=int,
            default=20,
            help="number of users (default: %(default)s)",
        )
        parser.add_argument(
            "--channels",
            type=int,
            default=4,
            help="number of public rooms (default: %(default)s)",
        )
        parser.add_argument(
            "--private",
            type=int,
            default=2,
            help="number of private rooms (default: %(default)s)",
        )
        parser.add_argument(
            "--directs",
            type=int,
            default=6,
            help="number of direct messages between two users (default: %(default)s)",
        )
        parser.add_argument(
            "--groups",
            type=int,
            default=2,
            help="number of group direct messages, with --slack (default: %(default)s)",
        )
        parser.add_argument(
            "--messages",
            type=int,
            default=500,
            help="number of messages (default: %(default)s)",
        )
        parser.add_argument(
            "--plain",
            action="store_true",
            help="omit the irregularities that real archives contain",
        )

    def handle(self, *, path: Path, **options: Any) -> None:
        """Write both files."""
        try:
            # The generator is part of the tests, which may not be installed.
            from tests.archives.csv_archives import Plan, write_csv_archive
            from tests.archives.slack_archives import SlackPlan, write_slack_archive
        except ImportError as error:
            msg = "The generator is in the tests folder, which is not installed."
            raise CommandError(msg) from error
        if options["users"] < 2:
            msg = "--users must be 2 or more."
            raise CommandError(msg)
        plan: dict[str, Any] = {
            "users": options["users"],
            "channels": options["channels"],
            "private_channels": options["private"],
            "directs": options["directs"],
            "messages": options["messages"],
            "has_oddities": not options["plain"],
        }
        seed = options["seed"]
        expected = path.with_name(f"{path.name}.expected.json")
        try:
            expectation = (
                write_slack_archive(
                    path, SlackPlan(**plan, groups=options["groups"]), seed=seed
                )
                if options["slack"]
                else write_csv_archive(path, Plan(**plan), seed=seed)
            )
            text = json.dumps(expectation.as_json(), ensure_ascii=False, indent=1)
            expected.write_text(text, encoding="utf-8")
        except OSError as error:
            msg = f"{error.filename} can't be written: {error.strerror}."
            raise CommandError(msg) from error
        self.stdout.write(
            f"Wrote {path}: {sum(expectation.counts.values())} messages to import,"
            f" {len(expectation.failures)} to fail. The expected result is in"
            f" {expected}."
        )
