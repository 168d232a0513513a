"""A made-up archive of any size, to try imports with."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import CommandError

from config.commands import ProductCommand


class Command(ProductCommand):
    """Writes an archive, and beside it what an import of it should make."""

    help = "Write an archive with made-up people, rooms and messages."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("path", type=Path)
        parser.add_argument(
            "--slack", action="store_true", help="a Slack export instead of CSV files"
        )
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--users", type=int, default=20)
        parser.add_argument("--channels", type=int, default=4)
        parser.add_argument("--private", type=int, default=2)
        parser.add_argument("--directs", type=int, default=6)
        parser.add_argument("--groups", type=int, default=2, help="Slack only")
        parser.add_argument("--messages", type=int, default=500)
        parser.add_argument(
            "--plain", action="store_true", help="leave the oddities of real ones out"
        )

    def handle(self, *, path: Path, **options: Any) -> None:
        """Write both files."""
        try:
            # The generator belongs to the tests, which not every installation has.
            from tests.archives.csv_archives import Plan, write_csv_archive
            from tests.archives.slack_archives import SlackPlan, write_slack_archive
        except ImportError as error:
            msg = "The generator is in the folder tests, which is not installed here."
            raise CommandError(msg) from error
        if options["users"] < 2:
            msg = "--users must be 2 or more: somebody has to talk to somebody."
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
            f"Wrote {path} with {sum(expectation.counts.values())} messages that come"
            f" in and {len(expectation.failures)} that fail;"
            f" {expected} says which."
        )
