"""Command that creates the demo data."""

from __future__ import annotations

import tempfile
from argparse import ArgumentParser
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError

from accounts.models import User
from config.commands import ProductCommand
from imports_app.demo import PERSONA_PASSWORD, SEED_TOKEN, SEED_USER_ID, create_demo
from imports_app.models import ImportOperation
from imports_app.statuses import Status


class Command(ProductCommand):
    """Create the example's user, token and operations, and three more users."""

    help = (
        "Create demo data: the user, token and import operations of the documentation's"
        " example, and three more users."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument(
            "--if-empty", action="store_true", help="do nothing if any user exists"
        )
        parser.add_argument(
            "--allow-public",
            action="store_true",
            help="create the public token even if other machines can reach the server",
        )

        parser.add_argument(
            "--with-imports",
            action="store_true",
            help="also import a small CSV archive and a small Slack export",
        )

    def handle(
        self, *, if_empty: bool, allow_public: bool, with_imports: bool, **options: Any
    ) -> None:
        """Create missing demo data and print how to use it."""
        if not settings.BIND_IS_LOOPBACK and not allow_public:
            msg = (
                f"The demo token is public, and BIND={settings.BIND} is reachable from"
                " other machines. Use a loopback address or --allow-public."
            )
            raise CommandError(msg)
        if if_empty and User.objects.exists():
            is_demo = User.objects.filter(public_id=SEED_USER_ID).exists()
        else:
            create_demo()
            is_demo = True
            if with_imports:
                self._import_archives()
        if is_demo:
            self._print_usage()

    def _import_archives(self) -> None:
        """Generate and import a CSV archive and a Slack export."""
        with tempfile.TemporaryDirectory() as folder:
            for importer in ("csv", "slack"):
                path = Path(folder) / f"demo-{importer}.zip"
                done = ImportOperation.objects.filter(
                    file_name__endswith=f"_{path.name}", status=Status.DONE
                )
                if done.exists():
                    continue
                call_command(
                    "make_archive",
                    str(path),
                    slack=importer == "slack",
                    stdout=self.stdout,
                )
                # The archives contain records that fail, so the command exits with 1.
                with suppress(SystemExit):
                    call_command(
                        "import_file",
                        str(path),
                        importer=importer,
                        all=True,
                        wait=True,
                        user="admin",
                        stdout=self.stdout,
                    )

    def _print_usage(self) -> None:
        host, _colon, port = settings.BIND.rpartition(":")
        address = f"http://{host.replace('127.0.0.1', 'localhost')}:{port}"
        self.stdout.write(
            f"""
Example request:

curl -L -X GET '{address}/api/v1/getLatestImportOperations' \\
-H 'X-User-Id: {SEED_USER_ID}' \\
-H 'X-Auth-Token: {SEED_TOKEN}'

Admin: {address}/admin/
Log in as admin, importer or plain with the password {PERSONA_PASSWORD}
"""
        )
