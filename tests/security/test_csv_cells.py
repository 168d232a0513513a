"""Escaping of CSV cells that a spreadsheet would run as formulas."""

from __future__ import annotations

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from config.files.csv_cells import safe_cell, unsafe_cell
from tests.security.conftest import Attacks

HIDING = "'\" \u00a0\u3000\u200b\ufeff\0\x0b"
"""What programs drop at the start of a cell."""
SIGNS = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b"
FORMULAS = (
    *("=1+1", '=HYPERLINK("http://example.org")', "+1", "-1", "@SUM(A1)", "\t=1"),
    *(
        "\r=1",
        "\n=1",
        "\uff1d1+1",
        "\uff0b1",
        "\uff0d1",
        "\uff20SUM(A1)",
        "\ufe661",
        "'=1",
        "''\uff1d1",
    ),
    *(" =1", '"=1', "'\"=1", "\u00a0=1", "\ufeff=1", "\u200b+1", "\0=1", " \n=1"),
    *(" \t1", "\u3000\uff1d1", "\x0b@SUM(A1)"),
    *("=cmd|' /C calc'!A0", "=1\n=2", "-2+3+cmd|' /C calc'!A0"),
)


def test_cells_do_not_start_like_formulas(attacks: Attacks) -> None:
    for formula in FORMULAS:
        written = io.StringIO()
        csv.writer(written).writerow([safe_cell(formula)])
        [[cell]] = csv.reader(io.StringIO(written.getvalue(), newline=""))

        attacks.record(formula, got_through=cell != f"'{formula}")


@given(st.text(st.sampled_from(f"{SIGNS}{HIDING}a1")))
def test_escaped_cells_round_trip(text: str) -> None:
    assert unsafe_cell(safe_cell(text)) == text
    shown = safe_cell(text)
    assert shown.startswith("'") or (shown.lstrip(HIDING) or "a")[0] not in SIGNS
