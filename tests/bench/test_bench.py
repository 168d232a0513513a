from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path


def test_prints_one_json_document_with_every_figure() -> None:
    run = subprocess.run(
        [
            *(sys.executable, "-m", "tests.bench"),
            *("--sizes", "20", "40", "--rounds", "1", "--requests", "20"),
        ],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )

    document = json.loads(run.stdout)
    assert list(document["by_size"]) == ["20", "40"]
    rates = document["by_size"]["40"]["requests_per_second"]
    assert set(rates) == {"ours", "stock", "bare", "not_modified"}
    assert min(rates.values()) > 0
    assert document["queries"] == {"ours": 2, "stock": 3, "bare": 2, "not_modified": 1}
    assert set(document["targets"]) == {
        "ours_to_stock",
        "ours_to_bare",
        "not_modified_to_ours",
        "median_largest_to_smallest",
        "queries",
        "queries_not_modified",
    }
