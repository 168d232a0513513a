from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.live import ROOT


def run_bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.bench", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """The output of all benchmarks at their smallest size."""
    run = run_bench("--quick", "--sizes", "40", "20")
    assert run.returncode == 0, run.stderr
    printed: dict[str, Any] = json.loads(run.stdout)
    return printed


def test_prints_one_json_document_with_every_figure(document: dict[str, Any]) -> None:
    assert {"cores", "python", "django", "granian"} <= set(document["machine"])
    latest = document["latest"]
    assert latest["database"].startswith(("SQLite 3", "PostgreSQL 1"))
    assert list(latest["by_size"]) == ["20", "40"]
    for figures in latest["by_size"].values():
        rates = figures["requests_per_second"]
        assert set(rates) == {
            "ours",
            "stock",
            "bare",
            "bare_without_middleware",
            "not_modified",
        }
        assert min(rates.values()) > 0
        assert 0 < figures["latency_ms"]["p50"] <= figures["latency_ms"]["p99"]
    assert latest["queries"] == {"ours": 1, "stock": 3, "bare": 2, "not_modified": 1}


def test_checks_every_target(document: dict[str, Any]) -> None:
    targets = document["latest"]["targets"]
    assert set(targets) == {
        "ours_to_stock",
        "ours_to_bare",
        "not_modified_to_bare",
        "latency_largest_to_smallest",
        "queries",
        "queries_not_modified",
    }
    assert targets["queries"] == {"value": 1, "at_most": 1, "reached": True}
    stock = targets["ours_to_stock"]
    assert stock["reached"] == (stock["value"] >= stock["at_least"])
    for target in document["imports"]["targets"].values():
        aim = target.get("at_least", -target.get("at_most", 0))
        value = target["value"] if "at_least" in target else -target["value"]
        assert target["reached"] == (value >= aim)


def test_wakes_all_waiting_requests_and_streams(document: dict[str, Any]) -> None:
    waiting = document["waiting"]
    assert waiting["connections"] == {"waiting": 10, "streams": 10}
    assert set(waiting["targets"]) == {
        "memory_megabytes",
        "milliseconds_to_all",
        "latency_to_idle",
        "not_modified_of_1000",
    }
    assert waiting["targets"]["not_modified_of_1000"]["value"] == 999


def test_exports_to_every_format(document: dict[str, Any]) -> None:
    exports = document["exports"]
    assert {run["messages"] for run in exports["formats"].values()} == {500}
    assert len(exports["targets"]) == 2 * len(exports["formats"]) == 10


def test_refuses_an_unknown_benchmark() -> None:
    run = run_bench("speed-of-light")

    assert run.returncode == 2
    assert "no such benchmark: speed-of-light" in run.stderr
