"""Fill one database and look at it from inside: `python -m tests.bench.prepare SIZE`.

Runs in a process of its own, since Django knows one database a process. Prints what the
benchmark needs to know as JSON.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from typing import Any, Final

import django
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.bench.addresses import BARE, OURS, STOCK

TOKEN: Final = "a-token-of-the-benchmark"
STATUSES: Final = (
    "importer_done",
    "importer_done",
    "importer_import_failed",
    "importer_import_cancelled",
    "importer_user_selection",
)
CHUNK: Final = 20_000


def prepare(size: int) -> dict[str, Any]:
    """Create tables, operations and a caller; count the statements of each path."""
    call_command("migrate", verbosity=0)
    headers = make_caller()
    fill(size)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
    return {
        "database": database_version(),
        "headers": headers,
        "queries": {
            "ours": count_queries(OURS, headers),
            "stock": count_queries(STOCK, headers),
            "bare": count_queries(BARE, headers),
            "not_modified": count_queries(OURS, {**headers, "If-None-Match": "*"}),
        },
    }


def make_caller() -> dict[str, str]:
    """Create an admin with a token and return the headers."""
    from accounts.models import Role, User
    from accounts.services.activity import COMMAND_LINE
    from accounts.services.roles import grant_role
    from accounts.services.tokens import issue_token

    user = User.objects.create(username="bench")
    grant_role(user=user, role=Role.objects.get(name="admin"), by=COMMAND_LINE)
    issue_token(user=user, name="bench", plain=TOKEN, by=COMMAND_LINE)
    return {"X-User-Id": user.public_id, "X-Auth-Token": TOKEN}


def fill(size: int) -> None:
    """Insert operations, the last of them running."""
    from imports_app.models import ImportOperation

    template = ImportOperation(
        importer_key="csv",
        importer_name="CSV",
        user_id="d26x6zSkaPSe5gCyy",
        is_valid=False,
        content_type="application/zip",
        file_name="2021926111747_d26x6zSkaPSe5gCyy_team.zip",
        file_size=48_213,
    )
    columns: dict[str, Any] = {
        str(field.column): field.get_db_prep_save(
            field.value_from_object(template), connection
        )
        for field in ImportOperation._meta.concrete_fields
        if not field.primary_key
    }
    quoted = ", ".join(map(connection.ops.quote_name, columns))
    places = ", ".join(["%s"] * len(columns))
    table = connection.ops.quote_name(ImportOperation._meta.db_table)
    rows = _rows(size, columns, template.created_at)
    with transaction.atomic(), connection.cursor() as cursor:
        while chunk := list(islice(rows, CHUNK)):
            cursor.executemany(
                f"INSERT INTO {table} ({quoted}) VALUES ({places})",  # noqa: S608 - no input
                chunk,
            )


def _rows(size: int, columns: dict[str, Any], now: Any) -> Iterator[tuple[Any, ...]]:
    adapt = connection.ops.adapt_datetimefield_value
    counted = {
        **{"count_total": 1_240, "count_completed": 1_200, "count_error": 40},
        **{"count_users": 40, "count_channels": 12, "count_messages": 1_188},
    }
    for number in range(size):
        started = now - timedelta(minutes=size - number)
        row = {
            **columns,
            "public_id": f"{number:017}",
            "status": STATUSES[number % len(STATUSES)],
            "created_at": adapt(started),
            "updated_at": adapt(started + timedelta(seconds=50, milliseconds=7)),
        }
        if number % len(STATUSES) < 3:
            row |= counted
        if number == size - 1:
            row |= {
                **counted,
                "status": "importer_importing_messages",
                "is_valid": True,
            }
        yield tuple(row.values())


def count_queries(path: str, headers: dict[str, str]) -> int:
    """Return the number of statements of a request, after the token was used."""
    client = Client(HTTP_HOST="localhost")
    client.get(path, headers=headers)
    with CaptureQueriesContext(connection) as captured:
        client.get(path, headers=headers)
    return len(captured)


def database_version() -> str:
    """Return name and version of the database."""
    version = ".".join(map(str, connection.get_database_version()))
    return f"{connection.display_name} {version}"


if __name__ == "__main__":
    django.setup()
    print(json.dumps(prepare(int(sys.argv[1]))))  # noqa: T201 - it is what we are for
