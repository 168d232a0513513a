"""Command that checks the installation."""

from __future__ import annotations

import smtplib
import sys
import tempfile
from collections.abc import Iterator
from typing import Any, Final

import redis
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import storages
from django.core.mail import get_connection
from rich.table import Table

from accounts.activity.sealing import can_seal
from accounts.models import AuthToken
from accounts.models.tokens import token_digest
from config.api.rate_limit import Rate
from config.commands import ProductCommand
from config.files.disk import has_free_space
from config.files.stored_files import keeps_content
from config.units import format_bytes
from imports_app.demo import SEED_TOKEN, SEED_TOKEN_NAME
from imports_app.health.readiness import Problem, find_problems

_SUBJECTS: Final = (
    "settings",
    "storage",
    "database",
    "migrations",
    "worker",
    "demo",
    "activity log",
    "e-mail",
    "redis",
)
_NEED_TABLES: Final = ("migrations", "worker", "demo", "activity log")
_NO_MAIL_ADVICE: Final = "To send notices by e-mail, set EMAIL_HOST and BASE_URL."
_LOCAL_NAMES: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})


class Command(ProductCommand):
    """Check settings, storage, database, worker, demo, log, e-mail and Redis."""

    help = (
        "Check settings, storage, database and workers. The exit status is 1 if there"
        " are problems."
    )

    def handle(self, **options: Any) -> None:
        """Print a table of checks and problems."""
        problems = [
            *_find_setting_problems(),
            *_find_storage_problems(),
            *_find_shared_storage_problems(),
            *_find_redis_problems(),
            *_find_mail_problems(),
            *find_problems(),
        ]
        blocked = {problem.subject for problem in problems} & {"database", "migrations"}
        if not blocked:
            problems += [*_find_demo_problems(), *_find_log_problems()]
        table = Table("Subject", "Finding", "What to do")
        for subject in _SUBJECTS:
            if subject == "redis" and settings.TASK_BACKEND != "rq":
                continue
            found = [problem for problem in problems if problem.subject == subject]
            for problem in found:
                finding = f"{problem.message} {problem.cause}".strip()
                table.add_row(subject, finding, problem.advice)
            if subject == "e-mail" and not settings.EMAIL_HOST:
                table.add_row(subject, "off: no e-mail is sent", _NO_MAIL_ADVICE)
            elif not found:
                unknown = blocked and subject in _NEED_TABLES
                table.add_row(subject, "not checked" if unknown else "OK", "")
        self.console.print(table)
        if problems:
            sys.exit(1)
        self.stdout.write("All checks passed.")


def _find_setting_problems() -> Iterator[Problem]:
    if settings.DEBUG:
        yield Problem(
            "settings",
            "DEBUG is on: error pages show internal data.",
            "Unset DEBUG, except for development on your own machine.",
        )
    if not settings.BIND_IS_LOOPBACK and _LOCAL_NAMES.issuperset(
        settings.ALLOWED_HOSTS
    ):
        yield Problem(
            "settings",
            f"BIND={settings.BIND} accepts connections from other machines, but"
            " ALLOWED_HOSTS allows local names only.",
            "Set ALLOWED_HOSTS to the host names that clients use.",
        )
    try:
        Rate.parse(settings.RATE_LIMIT)
    except ImproperlyConfigured as error:
        yield Problem("settings", str(error), "Correct RATE_LIMIT.")


def _find_storage_problems() -> Iterator[Problem]:
    try:
        with tempfile.TemporaryFile(dir=settings.DATA_DIR) as probe:
            probe.write(b"probe")
    except OSError as error:
        yield Problem(
            "storage",
            f"{settings.DATA_DIR} can't be written: {error.strerror}.",
            "Grant the server's user write access, free space, or change DATA_DIR.",
        )
        return
    if not has_free_space():
        yield Problem(
            "storage",
            f"{settings.DATA_DIR} has less than"
            f" {format_bytes(settings.DISK_RESERVE_BYTES)} free, so uploads are"
            " rejected.",
            "Free space, run `python manage.py prune`, or lower DISK_RESERVE_BYTES.",
        )


def _find_shared_storage_problems() -> Iterator[Problem]:
    for setting, alias in (("UPLOAD_STORAGE", "uploads"), ("FILE_STORAGE", "imported")):
        if alias not in settings.STORAGES:
            continue
        try:
            is_intact = keeps_content(storages[alias])
        except OSError as error:
            yield Problem(
                "storage",
                f"{setting} is not available: {error.strerror}.",
                f"Check {setting}_OPTIONS, the service and its credentials.",
            )
            continue
        if not is_intact:
            yield Problem(
                "storage",
                f"{setting} returned content that differs from the stored content.",
                f"Check {setting}_OPTIONS and the service.",
            )


def _find_redis_problems() -> Iterator[Problem]:
    if settings.TASK_BACKEND != "rq":
        return
    try:
        with redis.Redis.from_url(
            settings.REDIS_URL, socket_connect_timeout=3, socket_timeout=3
        ) as client:
            client.ping()
    except (redis.RedisError, ValueError) as error:
        yield Problem(
            "redis",
            f"Redis does not answer: {type(error).__name__}.",
            "Start Redis, correct REDIS_URL, or set TASK_BACKEND to db.",
        )


def _find_mail_problems() -> Iterator[Problem]:
    if not settings.EMAIL_HOST:
        return
    if not settings.BASE_URL:
        yield Problem(
            "e-mail",
            "BASE_URL is not set: e-mail has no links to the imports.",
            "Set BASE_URL to the address of this server.",
        )
    connection = get_connection()
    try:
        connection.open()
    except (OSError, smtplib.SMTPException) as error:
        yield Problem(
            "e-mail",
            f"The mail server can't be used: {type(error).__name__}.",
            "Start the mail server, or correct the settings EMAIL_....",
        )
    finally:
        connection.close()


def _find_demo_problems() -> Iterator[Problem]:
    is_demo = AuthToken.objects.filter(digest=token_digest(SEED_TOKEN)).exists()
    if is_demo and not settings.BIND_IS_LOOPBACK:
        yield Problem(
            "demo",
            "The public demo token is valid on this server.",
            f"Run `python manage.py revoke_token seed --name {SEED_TOKEN_NAME}`.",
        )


def _find_log_problems() -> Iterator[Problem]:
    if not can_seal():
        yield Problem(
            "activity log",
            "New entries are not sealed.",
            "Run `python manage.py verify_log` to find the first altered entry.",
        )
