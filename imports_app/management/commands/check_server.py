"""Command that checks a connected server."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management import CommandError

from config.commands import ProductCommand
from imports_app.services.outgoing.checks import check_server
from imports_app.services.outgoing.servers import find_server


class Command(ProductCommand):
    """Check version, token, permissions and limits of a connected server."""

    help = "Check a connected server. The exit status is 1 if something is missing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("name", help="name of the server")

    def handle(self, *, name: str, **options: Any) -> None:
        """Check the server and print the findings."""
        result = check_server(find_server(name))
        for finding in result.findings:
            advice = f" {finding.advice}" if finding.advice else ""
            self.stdout.write(f"{finding.level:7} {finding.text}{advice}")
        if any(finding.level == "error" for finding in result.findings):
            msg = f"The server {name} is not ready."
            raise CommandError(msg)
