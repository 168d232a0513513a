"""Measure getLatestImportOperations against its rivals; print one JSON document."""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import tempfile
from typing import Any

SIZES = (1_000, 100_000, 1_000_000)
TOKEN = "a-token-of-the-benchmark"
OURS = "/api/v1/getLatestImportOperations"
PATHS = {
    "ours": OURS,
    "stock": "/api/v1/bench/stock",
    "bare": "/api/v1/bench/bare",
    "not_modified": OURS,
}


def fill(size: int) -> None:
    """Insert operations until there are so many."""
    from datetime import timedelta

    from config.clock import now_in_milliseconds
    from imports_app.models import ImportOperation
    from imports_app.statuses import Status

    now, there = now_in_milliseconds(), ImportOperation.objects.count()
    ImportOperation.objects.bulk_create(
        (
            ImportOperation(
                importer_key="csv",
                importer_name="CSV",
                user_id="d26x6zSkaPSe5gCyy",
                status=Status.DONE,
                is_valid=False,
                created_at=now + timedelta(milliseconds=number),
                updated_at=now + timedelta(milliseconds=number),
                content_type="application/zip",
                file_name="2021926111747_d26x6zSkaPSe5gCyy_team.zip",
                count_total=number,
                count_completed=number,
                count_error=0,
            )
            for number in range(there, size)
        ),
        batch_size=5_000,
    )


def make_caller() -> dict[str, str]:
    """Make an admin with a token; return the headers."""
    from accounts.models import Role, User
    from accounts.services import issue_token

    user = User.objects.create(username="bench", public_id="d26x6zSkaPSe5gCyy")
    user.roles.add(Role.objects.get(name="admin"))
    issue_token(user=user, name="bench", plain=TOKEN)
    return {"X-User-Id": user.public_id, "X-Auth-Token": TOKEN}


def count_queries(path: str, headers: dict[str, str]) -> int:
    """Return how many statements one request runs."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        Client().get(path, headers=headers)
    return len(captured)


def run(sizes: list[int], rounds: int, requests: int) -> dict[str, Any]:
    """Fill, serve and measure; rounds are interleaved, figures are medians."""
    from django.test import Client

    from tests.bench.load import measure
    from tests.bench.server import serving

    headers = make_caller()
    results: dict[str, Any] = {}
    queries: dict[str, int] = {}
    for size in sizes:
        print(f"{size} operations ...", file=sys.stderr)  # noqa: T201
        fill(size)
        etag = Client().get(OURS, headers=headers).headers["ETag"]
        sent = dict.fromkeys(PATHS, headers)
        sent["not_modified"] = {**headers, "If-None-Match": etag}
        queries = {name: count_queries(PATHS[name], sent[name]) for name in PATHS}
        taken: dict[str, list[Any]] = {name: [] for name in PATHS}
        alone = []
        with serving() as port:
            for number in range(rounds + 1):  # the first one warms up
                for name, path in PATHS.items():
                    status = 304 if name == "not_modified" else 200
                    got = measure(
                        port,
                        path,
                        sent[name],
                        status=status,
                        requests=requests,
                        connections=4,
                    )
                    if number:
                        taken[name].append(got)
                if number:
                    alone.append(
                        measure(port, OURS, headers, requests=requests, connections=1)
                    )
        results[str(size)] = {
            "requests_per_second": {
                name: statistics.median(got.per_second for got in round_)
                for name, round_ in taken.items()
            },
            "median_ms": statistics.median(got.median_ms for got in alone),
            "p99_ms": statistics.median(got.p99_ms for got in alone),
        }
    return {"by_size": results, "queries": queries, "targets": judge(results, queries)}


def judge(results: dict[str, Any], queries: dict[str, int]) -> dict[str, Any]:
    """Return every ratio with what it should reach."""
    smallest, largest = min(results, key=int), max(results, key=int)
    rates = results[largest]["requests_per_second"]
    flat = results[largest]["median_ms"] / results[smallest]["median_ms"]
    figures = {
        "ours_to_stock": (rates["ours"] / rates["stock"], 5.0, True),
        "ours_to_bare": (rates["ours"] / rates["bare"], 0.7, True),
        "not_modified_to_ours": (rates["not_modified"] / rates["ours"], 1.5, True),
        "median_largest_to_smallest": (flat, 1.2, False),
        "queries": (queries["ours"], 2, False),
        "queries_not_modified": (queries["not_modified"], 1, False),
    }
    return {
        name: {
            "value": round(value, 2),
            "at_least" if is_floor else "at_most": target,
            "reached": value >= target if is_floor else value <= target,
        }
        for name, (value, target, is_floor) in figures.items()
    }


def main() -> None:
    """Read the options, and run on a temporary database."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=1500)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "DATA_DIR": folder,
            "DATABASE_URL": f"sqlite:///{folder}/db.sqlite3",
            "RATE_LIMIT": "off",
            "DJANGO_SETTINGS_MODULE": "tests.bench.settings",
        }
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        measured = run(sorted(options.sizes), options.rounds, options.requests)
    machine = {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "django": django.get_version(),
        "database": "sqlite",
    }
    print(json.dumps({"machine": machine, **measured}, indent=2))  # noqa: T201


if __name__ == "__main__":
    main()
