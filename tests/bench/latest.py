"""Benchmark of getLatestImportOperations against rivals and table sizes."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.bench.addresses import BARE, BAREST, OURS, STOCK
from tests.bench.databases import temporary_database
from tests.bench.load import Call, fetch, latencies, requests_per_second
from tests.bench.options import Options
from tests.bench.server import pinned, serving
from tests.bench.targets import at_least, at_most
from tests.live import ROOT


@dataclass(slots=True)
class Stage:
    """Server with a table of one size, and its measurements."""

    size: int
    facts: dict[str, Any]
    """Result of `prepare`."""
    calls: dict[str, Call]
    rates: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    latencies: list[list[float]] = field(default_factory=list)

    def measure_round(self, options: Options) -> None:
        """Measure every call once, and the latency of ours."""
        for name, call in self.calls.items():
            rate = requests_per_second(call, seconds=options.seconds)
            self.rates[name].append(rate)
        taken = latencies(self.calls["ours"], seconds=options.seconds)
        self.latencies.append(taken)

    def forget(self) -> None:
        """Drop what was measured to warm up."""
        self.rates.clear()
        self.latencies.clear()

    def ratio(self, name: str, rival: str) -> float:
        """Return how many times faster one call is than another, in the same round."""
        pairs = zip(self.rates[name], self.rates[rival], strict=True)
        return statistics.median(one / other for one, other in pairs)

    def report(self) -> dict[str, Any]:
        """Return the figures."""
        every = sorted(
            milliseconds for taken in self.latencies for milliseconds in taken
        )
        return {
            "requests_per_second": {
                name: round(statistics.median(rates))
                for name, rates in self.rates.items()
            },
            "latency_ms": {
                "p50": round(statistics.median(every), 3),
                "p99": round(every[int(len(every) * 0.99)], 3),
            },
        }


def measure(options: Options, say: Callable[[str], None]) -> dict[str, Any]:
    """Fill tables, run all servers, and measure them alternately."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        stages = []
        for size in options.sizes:
            say(f"Filling a table with {size:,} operations")
            stages.append(stack.enter_context(_stage(folder, size)))
        stack.enter_context(pinned(first=False))
        for number in range(options.rounds + 1):
            say(f"Round {number} of {options.rounds}" if number else "Warming up")
            for stage in stages:
                stage.measure_round(options)
                if not number:
                    stage.forget()
    return {
        "database": stages[0].facts["database"],
        "by_size": {str(stage.size): stage.report() for stage in stages},
        "queries": stages[-1].facts["queries"],
        "targets": _targets(stages),
    }


@contextmanager
def _stage(folder: Path, size: int) -> Iterator[Stage]:
    with ExitStack() as stack:
        url = stack.enter_context(temporary_database(folder, str(size)))
        environment = {
            "DATABASE_URL": url,
            "DATA_DIR": str(folder),
            "DJANGO_SETTINGS_MODULE": "tests.bench.settings",
        }
        facts = prepare(size, environment)
        port = stack.enter_context(serving(environment))
        headers = facts["headers"]
        calls = {
            "ours": Call(port, OURS, headers),
            "stock": Call(port, STOCK, headers),
            "bare": Call(port, BARE, headers),
            "bare_without_middleware": Call(port, BAREST, headers),
        }
        answers = {name: fetch(call) for name, call in calls.items()}
        _ensure_same([answer.body for answer in answers.values()])
        etag = answers["ours"].headers["etag"]
        calls["not_modified"] = Call(
            port, OURS, {**headers, "If-None-Match": etag}, status=304
        )
        yield Stage(size, facts, calls)


def prepare(size: int, environment: dict[str, str]) -> dict[str, Any]:
    """Fill a database; return what the benchmark needs to know."""
    prepared = subprocess.run(
        [sys.executable, "-m", "tests.bench.prepare", str(size)],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        check=True,
    )
    facts: dict[str, Any] = json.loads(prepared.stdout)
    return facts


def _ensure_same(bodies: list[bytes]) -> None:
    """Check that all views return the same document."""
    if len(set(bodies)) != 1:
        msg = "The rivals answer other documents than ours"
        raise RuntimeError(msg)


def _targets(stages: list[Stage]) -> dict[str, Any]:
    """Return the worst value of every figure with a target."""

    def worst(name: str, rival: str) -> float:
        return min(stage.ratio(name, rival) for stage in stages)

    rounds = zip(stages[-1].latencies, stages[0].latencies, strict=True)
    growth = statistics.median(
        statistics.median(large) / statistics.median(small) for large, small in rounds
    )
    queries = stages[-1].facts["queries"]
    return {
        "ours_to_stock": at_least(worst("ours", "stock"), 8),
        "ours_to_bare": at_least(worst("ours", "bare"), 1.2),
        "not_modified_to_bare": at_least(worst("not_modified", "bare"), 1.05),
        "latency_largest_to_smallest": at_most(growth, 1.2),
        "queries": at_most(queries["ours"], 1),
        "queries_not_modified": at_most(queries["not_modified"], 1),
    }
