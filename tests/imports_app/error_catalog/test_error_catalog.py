"""Every code that an import can end with is explained, and documented."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from imports_app.error_catalog import EXPLANATIONS, explanation_of
from imports_app.error_catalog.findings import FINDINGS

ROOT = Path(__file__).parents[3]
CODE = re.compile(r"(importer|fetch)-[a-z0-9-]+")
PRODUCERS = (
    *("downloads", "engine", "importers", "sources", "services"),
    "transitions.py",
)
ELSEWHERE = {"error-importer-not-defined", "error-upload-quota-exceeded"}
"""Of the codes with another beginning, those that operations fail with."""


def texts_of(node: ast.AST) -> Iterator[str]:
    """Yield the strings of a module."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
            yield inner.value


def produced_codes() -> set[str]:
    """Return every code that stands in the code base."""
    files = [
        path
        for path in (ROOT / "imports_app").rglob("*.py")
        if any(part in PRODUCERS for part in path.parts)
    ]
    texts = {text for path in files for text in texts_of(ast.parse(path.read_text()))}
    return {text for text in texts if CODE.fullmatch(text)}


def test_every_code_is_explained_and_no_other() -> None:
    produced = produced_codes()

    assert len(produced) > 60
    assert produced == set(EXPLANATIONS) - ELSEWHERE


def test_every_code_that_ends_something_is_documented_and_no_other() -> None:
    page = (ROOT / "docs/importing.md").read_text()
    named = set(re.findall(r"`((?:importer|fetch)-[a-z0-9-]+)`", page))

    assert named - set(FINDINGS) == set(EXPLANATIONS) - set(FINDINGS) - ELSEWHERE


@pytest.mark.parametrize("code", EXPLANATIONS)
def test_explanations_are_short_sentences(code: str) -> None:
    explanation = EXPLANATIONS[code]

    assert 4 < len(explanation.title) < 40
    assert not explanation.title.endswith(".")
    for sentence in (explanation.meaning, explanation.hint):
        assert sentence[0].isupper()
        assert sentence.endswith(".")
        assert 10 < len(sentence) < 120


def test_an_unknown_code_has_an_explanation_too() -> None:
    assert explanation_of("importer-from-the-future").hint
