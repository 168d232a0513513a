"""Run the benchmarks; print one JSON document, and progress on stderr."""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import version
from typing import Any, Final

from tests.bench import exports, imports, latest, waiting
from tests.bench.options import QUICK, Options

Benchmark = Callable[[Options, Callable[[str], None]], dict[str, Any]]

BENCHMARKS: Final[dict[str, Benchmark]] = {
    "latest": latest.measure,
    "imports": imports.measure,
    "exports": exports.measure,
    "waiting": waiting.measure,
}
PACKAGES: Final = ("django", "djangorestframework", "granian", "orjson", "psycopg")


def main() -> None:
    """Run the benchmarks of the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument(
        "benchmarks", nargs="*", help=f"benchmarks to run: {', '.join(BENCHMARKS)}"
    )
    parser.add_argument(
        "--quick", action="store_true", help="small sizes, as a smoke test"
    )
    parser.add_argument("--sizes", type=int, nargs="+", metavar="OPERATIONS")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--exported", type=int, metavar="MESSAGES")
    parser.add_argument("--seconds", type=float, help="per measurement in a round")
    given = parser.parse_args()
    chosen = given.benchmarks or list(BENCHMARKS)
    if unknown := set(chosen) - set(BENCHMARKS):
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    options = QUICK if given.quick else Options()
    if given.sizes:
        options = replace(options, sizes=tuple(sorted(set(given.sizes))))
    if given.rounds:
        options = replace(options, rounds=given.rounds)
    if given.exported:
        options = replace(options, exported=given.exported)
    if given.seconds:
        options = replace(options, seconds=given.seconds)

    signal.signal(signal.SIGTERM, _stop)
    document = {"machine": machine()}
    for name in chosen:
        document[name] = BENCHMARKS[name](options, _say)
    print(json.dumps(document, indent=2))  # noqa: T201 - it is what we are for


def machine() -> dict[str, Any]:
    """Return the machine's properties."""
    return {
        "system": platform.platform(terse=True),
        "processor": platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        **{package: version(package) for package in PACKAGES},
    }


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201 - progress


def _stop(number: int, frame: object) -> None:
    """Exit with an exception, so that servers and databases are cleaned up."""
    sys.exit(128 + number)


if __name__ == "__main__":
    main()
