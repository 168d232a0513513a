"""Cells that are safe in spreadsheets and can be restored."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.files.csv_cells import safe_cell, unsafe_cell


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "'=1", "''@", " =1"]
)
def test_formulas_get_an_apostrophe(text: str) -> None:
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "hello", "'quoted'", "1=1", " 1"])
def test_other_texts_are_unchanged(text: str) -> None:
    assert safe_cell(text) == text


@given(st.text(alphabet="'=+-@\t\r ab") | st.text())
def test_every_text_is_restored(text: str) -> None:
    assert unsafe_cell(safe_cell(text)) == text
