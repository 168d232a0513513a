"""What is wrong with this installation, and what to do about it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from rich.table import Table

from accounts.models import AuthToken
from accounts.models.tokens import token_digest
from config.api.rate_limit import Rate
from config.commands import ProductCommand
from imports_app.demo import SEED_TOKEN, SEED_TOKEN_NAME
from imports_app.readiness import Problem, find_problems


class Command(ProductCommand):
    """Checks settings, storage, database, migrations and worker."""

    help = "Check the installation; exit status 1 if anything is wrong."
    requires_system_checks = ()

    def handle(self, **options: Any) -> None:
        """Print the findings."""
        problems = [*_find_setting_problems(), *find_problems()]
        subjects = {problem.subject for problem in problems}
        if not subjects & {"database", "migrations"}:
            problems += _find_demo_problems()
        if not problems:
            self.stdout.write("Everything is in order.")
            return
        table = Table("Subject", "What is wrong", "What to do")
        for problem in problems:
            table.add_row(problem.subject, problem.message, problem.advice)
        self.console.print(table)
        sys.exit(1)


def _find_setting_problems() -> Iterator[Problem]:
    if settings.DEBUG:
        yield Problem(
            "settings",
            "DEBUG is on: errors show the server's inside.",
            "Unset DEBUG, except on your own machine.",
        )
    if settings.TASK_BACKEND not in ("db", "rq"):
        yield Problem(
            "settings",
            f"TASK_BACKEND is {settings.TASK_BACKEND!r}.",
            "Set it to db or rq.",
        )
    try:
        Rate.parse(settings.RATE_LIMIT)
    except ImproperlyConfigured as error:
        yield Problem("settings", str(error), "Correct RATE_LIMIT.")
    if not os.access(settings.DATA_DIR, os.W_OK):
        yield Problem(
            "storage",
            f"{settings.DATA_DIR} can't be written.",
            "Give the server's user the right to, or change DATA_DIR.",
        )


def _find_demo_problems() -> Iterator[Problem]:
    is_demo = AuthToken.objects.filter(digest=token_digest(SEED_TOKEN)).exists()
    if is_demo and not settings.BIND_IS_LOOPBACK:
        yield Problem(
            "demo",
            "The demo's token is public knowledge and works on this server.",
            f"Run `python manage.py revoke_token seed --name {SEED_TOKEN_NAME}`.",
        )
