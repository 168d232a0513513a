"""Check report on the page of an import."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from imports_app.admin.report.check_report import (
    CATEGORY_OF,
    Category,
    CheckReport,
    check_report,
)
from imports_app.error_catalog.fact_labels import fact_label, has_label, sort_facts
from imports_app.error_catalog.guesses import GUESSES
from imports_app.importers.base import Report
from imports_app.models import ImportOperation, KindChoice, KindCount
from tests.archives.slack_archives import SlackPlan, write_slack_archive
from tests.factories import ImportOperationFactory
from tests.imports_app.api.importing import SMALL, current, packed
from tests.working import work

ROOT = Path(__file__).parents[4]
PAGES = "/admin/imports_app/importoperation"
SOURCES = [
    path
    for folder in ("importers", "sources")
    for path in sorted((ROOT / "imports_app" / folder).rglob("*.py"))
] + [
    ROOT / "imports_app" / "engine" / module
    for module in (
        "planning/archived_rooms.py",
        "planning/deactivated_users.py",
        "converters/missing_threads.py",
        "staged_findings.py",
    )
]
WARNERS = ("warn", "_warn", "SourceError")
RECORDS = (ROOT / "docs" / "importing.md").read_text()
"""Lists the error codes of records."""


def codes_in(path: Path) -> Iterator[tuple[str, bool]]:
    """Yield the codes in a module, and whether they are passed to a warning."""
    tree = ast.parse(path.read_text())
    warned = {
        id(call.args[0])
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and call.args and name_of(call) in WARNERS
    }
    for node in ast.walk(tree):
        text = node.value if isinstance(node, ast.Constant) else None
        if isinstance(text, str) and re.fullmatch(r"importer-[a-z-]+", text):
            yield text, id(node) in warned


def name_of(call: ast.Call) -> str:
    return ast.unparse(call.func).rpartition(".")[2]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_every_warning_has_a_category(path: Path) -> None:
    for code, is_warned in codes_in(path):
        is_of_records = f"`{code}`" in RECORDS and not is_warned
        is_guess = code in GUESSES
        assert code in CATEGORY_OF or is_guess or is_of_records, code


def facts_in(path: Path) -> Iterator[str]:
    """Yield the facts that a module counts, only the start of composed ones."""
    for node in ast.walk(ast.parse(path.read_text())):
        fact: ast.AST | None = None
        if isinstance(node, ast.Call) and name_of(node) == "count":
            fact = node.args[0] if "report" in ast.unparse(node.func) else None
        elif isinstance(node, ast.Subscript) and "facts" in ast.unparse(node.value):
            fact = node.slice
        if isinstance(fact, ast.JoinedStr):
            fact = fact.values[0]
        if isinstance(fact, ast.Constant):
            yield str(fact.value)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_every_fact_has_a_label(path: Path) -> None:
    for fact in facts_in(path):
        name = fact.rstrip("(").strip()
        assert has_label(name), fact


def upload(
    browser: Client, content: bytes, importer: str = "csv", name: str = "team.zip"
) -> ImportOperation:
    file = SimpleUploadedFile(name, content)
    fields: dict[str, Any] = {"importer": importer, "file": file}
    if (before := ImportOperation.objects.in_progress()) is not None:
        fields["replaces"] = before.pk
    browser.post(f"{PAGES}/new/", fields)
    return current()


def text_of(browser: Client, operation: ImportOperation) -> str:
    response = browser.get(f"{PAGES}/{operation.pk}/change/")
    assert response.status_code == 200
    return response.content.decode()


def report_of(operation: ImportOperation) -> CheckReport:
    operation.refresh_from_db()
    report = check_report(operation, may_import=True)
    assert report is not None
    return report


def notes_of(report: CheckReport, category: Category) -> list[str]:
    return [
        note.text
        for section in report.sections
        if section.category is category
        for note in section.notes
    ]


def test_a_clean_archive_has_a_report_without_problems(
    importer_browser: Client,
) -> None:
    operation = upload(importer_browser, packed(SMALL))
    assert "Preliminary report" in text_of(importer_browser, operation)

    work()

    text = text_of(importer_browser, operation)
    assert "No problems found." in text
    assert "Preliminary report" not in text
    assert report_of(operation).found[:4] == [
        ("Users", "2"),
        ("Users without an e-mail address", "1"),
        ("Rooms", "3"),
        ("Messages", "4"),
    ]


def test_problems_and_notes_are_separate_categories(
    importer_browser: Client,
) -> None:
    content = packed(
        {
            **SMALL,
            "users.csv": "username,email,name\nann,ann@example.org,Ann Lee,x\n",
            "stray/1.csv": "ann,1600000000005,lost\n",
            "lab/2.csv": "ann,1600000000,late\n\0,,\n",
        }
    )
    operation = upload(importer_browser, content)
    work()

    report = report_of(operation)

    assert [section.category for section in report.sections] == [
        *(Category.PROBLEM, Category.GUESSED, Category.NOT_IMPORTED, Category.NOTE)
    ]
    wrong = notes_of(report, Category.PROBLEM)
    assert "The room of this folder is not in channels.csv" in wrong[0]
    assert wrong[1] == (
        "Messages that can't be read. These will fail; the rest is unaffected."
    )
    text = text_of(importer_browser, operation)
    assert "stray/1.csv" in text
    assert "lab/2.csv:1" in text
    records = f"operation__id__exact={operation.pk}&amp;outcome__exact=failed"
    assert records in text


def test_a_slack_export_lists_what_is_not_imported(
    importer_browser: Client, tmp_path: Path
) -> None:
    write_slack_archive(tmp_path / "x.zip", SlackPlan(messages=40))
    operation = upload(importer_browser, (tmp_path / "x.zip").read_bytes(), "slack")
    work()

    report = report_of(operation)
    not_imported = " ".join(notes_of(report, Category.NOT_IMPORTED))
    assert "Deleted messages are not imported" in not_imported
    assert "an export of all conversations" in notes_of(report, Category.KIND)[0]
    names = [name for name, _number in report.found]
    assert names.index("Rooms: public") < names.index("Uncompressed size")
    assert names.count("Users") == 1
    assert names.count("Messages") == 1
    assert not [name for name in names if "left out" in name]


def test_estimates_are_marked(db: None) -> None:
    part = Report(facts={"messages": 600, "messages read as text (huddle)": 1})
    report = Report()
    report.add_part(part, 2.0)
    operation = ImportOperationFactory.create(
        file_name="x.zip", report=report.as_json()
    )

    assert report_of(operation).found == [
        ("Messages", "about 1,200"),
        ("Messages of unknown types, imported as text: huddle", "about 2"),
    ]


def prepared(report: Report, **counts: int) -> ImportOperation:
    operation: ImportOperation = ImportOperationFactory.create(
        is_prepared=True, file_name="x.zip", report=report.as_json()
    )
    for kind, staged in counts.items():
        KindCount.objects.create(operation=operation, kind=kind, staged=staged)
    return operation


def test_numbers_are_grouped_and_many_locations_are_folded(
    importer_browser: Client,
) -> None:
    report = Report()
    for line in range(1234):
        report.warn("importer-stray-quote", "A quote.", file="a.csv", line=line + 1)
    operation = prepared(report, **{KindChoice.MESSAGE: 1234567})

    text = text_of(importer_browser, operation)

    assert "1,234 occurrences" in text
    assert "1,234,567" in text
    assert "Show locations" in text
    assert text.count("a.csv:") == 50


def test_a_code_without_a_category_is_a_problem(db: None) -> None:
    report = Report()
    report.warn("importer-brand-new", "Look <here>.")
    operation = prepared(report)

    assert notes_of(report_of(operation), Category.PROBLEM) == ["Look <here>."]


def test_texts_of_the_source_are_escaped(importer_browser: Client) -> None:
    report = Report(facts={"messages read as text (<b>)": 1, "<i>": 2})
    report.warn("importer-header-row", "<u>", file="<s>.csv", line=1)

    text = text_of(importer_browser, prepared(report))

    for tag in ("<b>", "<i>", "<u>", "<s>"):
        assert tag not in text


def test_facts_without_a_label_come_last_and_unchanged() -> None:
    assert sort_facts(["brand new", "bots", "users"]) == ["users", "bots", "brand new"]
    assert fact_label("brand new (x)") == "brand new: x"


def test_the_type_of_export_is_not_a_problem(db: None) -> None:
    report = Report()
    report.warn("importer-kind-of-export", "This is an export of public channels.")

    assert report_of(prepared(report)).is_clean


def test_an_operation_without_a_source_has_no_report(importer_browser: Client) -> None:
    operation = ImportOperationFactory.create(is_prepared=True)
    KindCount.objects.create(operation=operation, kind=KindChoice.FILE, staged=1)

    assert check_report(operation) is None
    assert "Check report" not in text_of(importer_browser, operation)


def test_the_report_takes_one_query(db: None, django_assert_num_queries: Any) -> None:
    operation = prepared(Report(), user=5, channel=5, message=5, contact=5)

    with django_assert_num_queries(1):
        check_report(operation)
