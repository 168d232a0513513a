"""Every code that an import can produce has a catalog entry and documentation."""

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
CODE_START = re.compile(r"(importer|fetch)-")
CONSUMERS = ("admin", "error_catalog")
"""Folders that only show codes."""
OPERATION_ERRORS = {"error-importer-not-defined", "error-upload-quota-exceeded"}
"""Codes with another prefix that operations fail with."""


def producing_modules() -> list[Path]:
    """Return the modules that may produce codes."""
    return [
        path
        for path in sorted((ROOT / "imports_app").rglob("*.py"))
        if not set(CONSUMERS) & set(path.relative_to(ROOT).parts)
    ]


def codes_in(path: Path) -> Iterator[str]:
    """Yield the codes that appear as string literals in a module."""
    for node in ast.walk(ast.parse(path.read_text())):
        text = node.value if isinstance(node, ast.Constant) else None
        if isinstance(text, str) and CODE.fullmatch(text):
            yield text


def composed_codes_in(path: Path) -> Iterator[str]:
    """Yield f-strings that compose a code, which no search by its name finds."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.JoinedStr):
            text = ast.unparse(node)[2:-1]
            if CODE_START.match(text) and " " not in text:
                yield text


def test_codes_are_not_composed_from_parts() -> None:
    composed = [
        text for path in producing_modules() for text in composed_codes_in(path)
    ]

    assert composed == []


def test_every_produced_code_has_an_entry_and_no_other_code_does() -> None:
    produced = {code for path in producing_modules() for code in codes_in(path)}

    assert len(produced) > 60
    assert produced == set(EXPLANATIONS) - OPERATION_ERRORS


def test_every_error_code_is_documented_and_no_other_code_is() -> None:
    page = (ROOT / "docs/importing.md").read_text()
    documented = set(re.findall(r"`((?:importer|fetch)-[a-z0-9-]+)`", page))

    errors = set(EXPLANATIONS) - set(FINDINGS) - OPERATION_ERRORS
    assert documented - set(FINDINGS) == errors


@pytest.mark.parametrize("code", EXPLANATIONS)
def test_entries_are_short_sentences(code: str) -> None:
    explanation = EXPLANATIONS[code]

    assert 4 < len(explanation.title) < 40
    assert not explanation.title.endswith(".")
    for sentence in (explanation.meaning, explanation.hint):
        assert sentence[0].isupper()
        assert sentence.endswith(".")
        assert 10 < len(sentence) < 120


def test_an_unknown_code_has_a_fallback_entry() -> None:
    assert explanation_of("importer-from-the-future").hint
