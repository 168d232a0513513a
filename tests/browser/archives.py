"""Small generated archives to import."""

from __future__ import annotations

import zipfile
from pathlib import Path

from tests.archives.csv_archives import Plan, write_csv_archive
from tests.archives.expectation import Expectation
from tests.archives.slack_archives import SlackPlan, write_slack_archive
from tests.archives.slack_expectation import SlackExpectation

SMALL = Plan(users=5, channels=2, private_channels=1, directs=2, messages=40)
SMALL_SLACK = SlackPlan(
    users=5, channels=2, private_channels=1, directs=2, groups=1, messages=40
)


def csv_archive(path: Path, plan: Plan = SMALL, *, seed: int = 1) -> Expectation:
    """Write a CSV archive and return the expected result."""
    return write_csv_archive(path, plan, seed=seed)


def slack_archive(
    path: Path, plan: SlackPlan = SMALL_SLACK, *, seed: int = 1
) -> SlackExpectation:
    """Write a Slack export and return the expected result."""
    return write_slack_archive(path, plan, seed=seed)


def archive_of(path: Path, entries: dict[str, str]) -> Path:
    """Write an archive with these files."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return path
