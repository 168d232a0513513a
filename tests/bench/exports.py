"""Benchmark of exports: speed and memory of each format."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from imports_app.exporters.registry import EXPORTERS
from tests.bench.databases import temporary_database
from tests.bench.imports import environment_of, run_module
from tests.bench.options import Options
from tests.bench.targets import at_least, at_most

_LEAST: Final = 10_000
_LEAST_OF: Final = {"jsonl": 20_000}
"""Messages per second."""


def measure(options: Options, say: Callable[[str], None]) -> dict[str, Any]:
    """Export a workspace in every format, each in a process of its own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with temporary_database(folder, "exports") as url:
            environment = environment_of(url, folder)
            say(f"Creating {options.exported:,} messages")
            run_module("export_run", ["fill", str(options.exported)], environment)
            runs = {}
            for key in sorted(EXPORTERS):
                say(f"Exporting {options.exported:,} messages to {key}")
                target = str(folder / key)
                runs[key] = run_module("export_run", [key, target], environment)
    targets = {}
    for key, run in runs.items():
        least = _LEAST_OF.get(key, _LEAST)
        targets[f"{key}_messages_per_second"] = at_least(
            run["messages_per_second"], least
        )
        targets[f"{key}_peak_megabytes"] = at_most(run["peak_megabytes"], 200)
    return {"formats": runs, "targets": targets}
