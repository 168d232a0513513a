"""Every code that an import of a file can report is produced by a case or an oddity."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from imports_app.records import Kind
from tests.archives.slack import catalog as slack
from tests.archives.slack.packing import PACKINGS as SLACK_PACKINGS
from tests.archives.tables import catalog as tables
from tests.archives.tables.packing import PACKINGS as TABLES_PACKINGS

ROOT: Final = Path(__file__).resolve().parents[2]
READERS: Final = ("importers/csv", "importers/slack", "importers/base.py", "sources")
CODE: Final = re.compile(r"importer-[a-z0-9-]+")
NOT_OF_FILES: Final = {
    "importer-room-stays-active": "a room that exists and is used",
    "importer-internal-error": "a fault of the server",
    "importer-prepared-data-lost": "a fault of the server's storage",
    "importer-storage-full": "a fault of the server's disk",
    "importer-storage-unavailable": "a fault of the server's storage",
    "importer-file-unreadable": "a fault of the server's storage",
    "importer-record-rejected": "a value that only the database refuses",
    "importer-not-wanted-any-more": "a download that has become pointless",
    "importer-user-already-exists": "a user sent through the API",
    "importer-decision-skip": "a decision of a person",
    "importer-decision-target-missing": "a decision of a person",
    "importer-decision-not-allowed": "a decision of a person",
    "importer-decision-name-taken": "a decision of a person",
    "importer-decision-exists": "a decision of a person",
    "importer-decision-address-taken": "a decision of a person",
    "importer-decision-privacy": "a decision of a person",
    "importer-corrections-not-applied": "a file that a newer release reads differently",
    "importer-plan-changed": "a start that names a preview",
    "importer-undo-used-later": "a row that an undo keeps",
    "importer-undo-changed": "a row that an undo keeps",
    "importer-undo-has-login": "a user whom an undo keeps",
    "importer-undo-not-allowed": "a user whom an undo keeps",
    "importer-undo-referred": "a row that an undo keeps",
    "importer-undo-without-import": "an import that was deleted during its undo",
}
"""Codes of the engine that no file can lead to."""


def modules() -> Iterator[Path]:
    for place in (*READERS, "engine"):
        path = ROOT / "imports_app" / place
        yield from [path] if path.is_file() else sorted(path.rglob("*.py"))


def codes_in(tree: ast.AST) -> Iterator[str]:
    """Yield the codes that a module names, also with the kind of record in them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = [
                re.escape(str(one.value)) if isinstance(one, ast.Constant) else None
                for one in node.values
            ]
            for kind in (Kind.USER, Kind.CHANNEL):
                text = "".join(kind.value if one is None else one for one in parts)
                yield text.replace("\\", "")
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def asserted_in(tree: ast.AST) -> Iterator[str]:
    """Yield the texts of a test, without those that it says are absent."""
    absent = {
        id(node)
        for compare in ast.walk(tree)
        if isinstance(compare, ast.Compare)
        and any(isinstance(one, ast.NotIn) for one in compare.ops)
        for node in ast.walk(compare.left)
    }
    for node in ast.walk(tree):
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if is_text and id(node) not in absent:
            yield from CODE.findall(str(node.value))  # type: ignore[attr-defined]


def reported_codes() -> set[str]:
    found = {
        text
        for path in modules()
        for text in codes_in(ast.parse(path.read_text()))
        if CODE.fullmatch(text)
    }
    return found - NOT_OF_FILES.keys()


@pytest.fixture(scope="module")
def produced() -> set[str]:
    """Return the codes that oddities and cases produce."""
    codes: set[str] = set()
    for slack_packing in SLACK_PACKINGS:
        for export in (slack.draft_with([]), slack.draft_with(slack.ODDITIES)):
            slack_packing(export)
            codes |= export.effect.codes
    for packing in TABLES_PACKINGS:
        archive = tables.draft_with([])
        packing(archive)
        codes |= archive.effect.codes
    codes |= tables.draft_with(tables.ODDITIES).effect.codes
    for path in Path(__file__).parent.glob("test_*.py"):
        if path != Path(__file__):
            codes |= set(asserted_in(ast.parse(path.read_text())))
    return codes


@pytest.mark.parametrize("code", sorted(reported_codes()))
def test_something_produces_the_code(produced: set[str], code: str) -> None:
    assert code in produced, f"add an oddity or a case that leads to {code}"


def test_codes_without_a_file_exist() -> None:
    named = {
        text
        for path in modules()
        for text in codes_in(ast.parse(path.read_text()))
        if CODE.fullmatch(text)
    }
    assert named >= NOT_OF_FILES.keys()
