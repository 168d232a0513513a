"""Benchmark of imports: speed, memory, and latency of other requests."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

from tests.archives.csv_archives import Plan, write_csv_archive
from tests.archives.slack_archives import SlackPlan, write_slack_archive
from tests.bench.addresses import OURS
from tests.bench.databases import temporary_database
from tests.bench.load import Call, latencies
from tests.bench.options import Options
from tests.bench.server import pinned, serving
from tests.bench.targets import at_least, at_most
from tests.live import ROOT

_OPERATIONS: Final = 1_000
Say = Callable[[str], None]


def measure(options: Options, say: Say) -> dict[str, Any]:
    """Import archives of messages and of users, each in a fresh database."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        archives = {
            size: _archive(folder, _messages_plan(size)) for size in options.messages
        }
        runs = {}
        for size, path in archives.items():
            say(f"Importing {size:,} messages")
            runs[size] = _in_process("import_run", path, folder, "csv")
        exports = {size: _slack_archive(folder, size) for size in options.messages}
        slack = {}
        for size, path in exports.items():
            say(f"Importing {size:,} messages from Slack")
            slack[size] = _in_process("import_run", path, folder, "slack")
        say(f"Importing {options.users:,} users")
        users = _in_process(
            "import_run", _archive(folder, _users_plan(options.users)), folder, "csv"
        )
        say("Writing the same rows by bare inserts")
        smallest, largest = min(archives), max(archives)
        bare = _in_process("bare_rows", archives[smallest], folder, "csv")
        slack_bare = _in_process("bare_rows", exports[smallest], folder, "slack")
        say("Polling while an import runs")
        slowdown, elsewhere = _slowdowns(
            folder, archives[largest], options.idle_seconds
        )
    least = 0.25 if os.environ.get("DATABASE_URL", "").startswith("postgres") else 0.35
    speed = runs[smallest]["records_per_second"]["both"]
    memory = runs[largest]["peak_megabytes"]
    slack_speed = slack[smallest]["records_per_second"]["both"]
    slack_memory = slack[largest]["peak_megabytes"]
    return {
        "messages": {str(size): run for size, run in runs.items()},
        "slack_messages": {str(size): run for size, run in slack.items()},
        "users": users,
        "bare_inserts_per_second": bare,
        "slack_bare_inserts_per_second": slack_bare,
        "latest_while_importing_into_another_database": round(elsewhere, 2),
        "targets": {
            "messages_per_second": at_least(speed, 5_000),
            "to_bare_inserts": at_least(speed / bare["messages_per_second"], least),
            "users_per_second": at_least(users["records_per_second"]["both"], 2_000),
            "memory_largest_to_smallest": at_most(
                memory / runs[smallest]["peak_megabytes"], 1.1
            ),
            "peak_megabytes": at_most(memory, 200),
            "slack_messages_per_second": at_least(slack_speed, 5_000),
            "slack_to_bare_inserts": at_least(
                slack_speed / slack_bare["messages_per_second"], least
            ),
            "slack_memory_largest_to_smallest": at_most(
                slack_memory / slack[smallest]["peak_megabytes"], 1.1
            ),
            "slack_peak_megabytes": at_most(slack_memory, 200),
            "slack_last_tenth_to_first": at_least(
                slack[largest]["last_tenth_to_first"], 0.9
            ),
            "last_tenth_to_first": at_least(runs[largest]["last_tenth_to_first"], 0.9),
            "latest_while_importing": at_most(slowdown, 1.5),
        },
    }


def _messages_plan(size: int) -> Plan:
    """Plan rooms alone: pages are alike, so that only growth can make the last slower.

    Direct messages are excluded, because their pages go to many rooms.
    """
    return Plan(
        users=200,
        channels=10,
        private_channels=5,
        directs=0,
        messages=size,
        has_oddities=False,
    )


def _slack_archive(folder: Path, size: int) -> Path:
    path = folder / f"slack-{size}.zip"
    plan = SlackPlan(
        users=500,
        channels=40,
        private_channels=10,
        directs=0,
        groups=0,
        messages=size,
        has_oddities=False,
    )
    write_slack_archive(path, plan)
    return path


def _users_plan(size: int) -> Plan:
    return Plan(
        users=size,
        channels=0,
        private_channels=0,
        directs=0,
        messages=0,
        has_oddities=False,
    )


def _archive(folder: Path, plan: Plan) -> Path:
    path = folder / f"{plan.users}-{plan.messages}.zip"
    write_csv_archive(path, plan)
    return path


def environment_of(url: str, folder: Path) -> dict[str, str]:
    """Return the environment of a process on a database."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": url,
        "DATA_DIR": str(folder),
        "SECRET_KEY": "only for this benchmark",
        "RATE_LIMIT": "off",
        "LOG_LEVEL": "ERROR",
    }


def _in_process(
    module: str, path: Path, folder: Path, *arguments: str
) -> dict[str, Any]:
    """Run a module on a fresh database, on one core; return what it prints."""
    with temporary_database(folder, f"{module}_{path.stem}".replace("-", "_")) as url:
        return run_module(module, [str(path), *arguments], environment_of(url, folder))


def run_module(
    module: str, arguments: list[str], environment: dict[str, str]
) -> dict[str, Any]:
    """Run a module of the benchmarks; return what it prints."""
    printed = subprocess.run(
        [sys.executable, "-m", f"tests.bench.{module}", *arguments],
        cwd=ROOT,
        env=environment,
        check=True,
        stdout=subprocess.PIPE,
    ).stdout
    answer: dict[str, Any] = json.loads(printed)
    return answer


def _slowdowns(folder: Path, path: Path, idle_seconds: float) -> tuple[float, float]:
    """Return the median latencies relative to idle during two imports.

    The first import writes the server's database, the second another one: so the second
    shows what is due to the machine and not to the database.
    """
    with ExitStack() as stack:
        urls = (
            stack.enter_context(temporary_database(folder, name))
            for name in ("polled", "other")
        )
        own, other = (environment_of(url, folder) for url in urls)
        settings = {"DJANGO_SETTINGS_MODULE": "tests.bench.settings"}
        facts = run_module("prepare", [str(_OPERATIONS)], {**own, **settings})
        port = stack.enter_context(serving(own))
        call = Call(port, OURS, facts["headers"])
        return (
            _slowdown(call, path, own, idle_seconds),
            _slowdown(call, path, other, idle_seconds),
        )


def _slowdown(
    call: Call, path: Path, environment: dict[str, str], idle_seconds: float
) -> float:
    """Return the median latency during an import relative to idle.

    The caller waits whenever the server works, so they share a core; the import has
    another one.
    """
    with pinned(first=True):
        latencies(call, seconds=idle_seconds)
        idle = latencies(call, seconds=idle_seconds)
        with pinned(first=False):
            importing = subprocess.Popen(
                [
                    *(sys.executable, "-m", "tests.bench.import_run"),
                    *(str(path), "csv"),
                ],
                cwd=ROOT,
                env=environment,
                stdout=subprocess.DEVNULL,
            )
        busy: list[float] = []
        while importing.poll() is None:
            busy += latencies(call, seconds=0.2)
    if importing.returncode:
        msg = "The import failed; it said why above"
        raise RuntimeError(msg)
    return statistics.median(busy) / statistics.median(idle)
