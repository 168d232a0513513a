"""Report of an operation: CSV by the API and the admin, and a page to print."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from django.test import Client

from config.files.csv_cells import unsafe_cell
from imports_app.models import ImportOperation, ImportRecord, Outcome
from imports_app.reports import operation_report
from tests.conftest import ApiClient
from tests.factories import (
    ImportOperationFactory,
    ImportRecordFactory,
    KindCountFactory,
)
from tests.imports_app.api.importing import imported

OPERATIONS = "/admin/imports_app/importoperation"


def rows_of(response: Any) -> list[dict[str, str]]:
    """Return the lines of a report by column."""
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(response.content.decode())))


def report_by_api(api: ApiClient, operation: ImportOperation) -> list[dict[str, str]]:
    """Return the report that the API sends."""
    return rows_of(api.get(f"importOperations/{operation.public_id}/report.csv"))


def values(rows: list[dict[str, str]], section: str) -> dict[str, str]:
    """Return the values of a section by code."""
    return {row["code"]: row["value"] for row in rows if row["section"] == section}


def test_counts_agree_with_the_operation(admin_api: ApiClient) -> None:
    operation = imported(admin_api)

    rows = report_by_api(admin_api, operation)

    facts = values(rows, "import")
    assert facts["id"] == operation.public_id
    assert facts["status"] == "Completed with failures"
    assert facts["sha256"] == operation.file_digest
    assert facts["started_by"] == "ada"
    records = values(rows, "records")
    for count in operation.kind_counts.all():
        assert records[f"{count.kind}.found"] == str(count.staged)
        assert records[f"{count.kind}.guessed"] == str(count.guessed)
        for outcome in ("imported", "updated", "unchanged", "skipped", "failed"):
            assert records[f"{count.kind}.{outcome}"] == str(getattr(count, outcome))
    assert values(rows, "contents") == {
        fact: str(number) for fact, number in operation.report["facts"].items()
    }
    for section, part in (("findings", "warnings"), ("guesses", "guesses")):
        assert values(rows, section) == {
            code: str(note["count"]) for code, note in operation.report[part].items()
        }


def test_failures_have_reason_place_and_advice(admin_api: ApiClient) -> None:
    operation = imported(admin_api)

    [failure] = [
        row
        for row in report_by_api(admin_api, operation)
        if row["section"] == "failures"
    ]

    assert failure["code"] == "importer-message-unknown-user"
    assert failure["value"] == "1"
    assert failure["place"] == "news/1.csv:2"
    assert "ghost" in failure["details"]


def test_the_admin_downloads_the_same_file(
    admin_api: ApiClient, admin_browser: Client
) -> None:
    operation = imported(admin_api)

    response = admin_browser.get(f"{OPERATIONS}/{operation.pk}/report-csv/")

    assert rows_of(response) == report_by_api(admin_api, operation)
    name = f'attachment; filename="report-{operation.public_id}.csv"'
    assert response.headers["Content-Disposition"] == name


@pytest.fixture
def hostile(db: None) -> ImportOperation:
    """An import whose texts are formulas and markup."""
    text = '=HYPERLINK("http://evil")<script>alert(1)</script>'
    operation: ImportOperation = ImportOperationFactory.create(
        file_name=text,
        error_message=f"+{text}",
        error_code="importer-file-empty",
        report={
            "facts": {f"@messages ({text})": 3},
            "warnings": {
                "importer-bad-address": {
                    "message": f"-{text}",
                    "count": 2,
                    "examples": [{"file": text, "line": 1}],
                }
            },
            "guesses": {},
        },
    )
    KindCountFactory.create(operation=operation, staged=1, failed=1)
    ImportRecordFactory.create(
        operation=operation,
        outcome=Outcome.FAILED,
        code="importer-message-unknown-user",
        message=text,
        source_file=text,
        source_line=7,
    )
    return operation


def test_no_cell_is_a_formula(admin_api: ApiClient, hostile: ImportOperation) -> None:
    rows = report_by_api(admin_api, hostile)

    cells = [cell for row in rows for cell in row.values()]
    assert any("evil" in cell for cell in cells)
    for cell in cells:
        assert cell[:1] not in {"=", "+", "-", "@"}
        if cell.startswith("'"):
            assert unsafe_cell(cell)[:1] in {"=", "+", "-", "@"}


def test_the_page_is_self_contained_and_escaped(
    admin_browser: Client, hostile: ImportOperation
) -> None:
    page = admin_browser.get(f"{OPERATIONS}/{hostile.pk}/report/").content.decode()

    assert "&lt;script&gt;" in page
    assert "<script" not in page
    assert "@media print" in page
    assert not re.findall(r"<(?:link|img|iframe|object)|(?:src=|url\(|@import)", page)
    for link in re.findall(r'href="([^"]*)"', page):
        assert link.startswith(f"{OPERATIONS}/{hostile.pk}/")


def test_the_page_shows_all_sections(
    admin_api: ApiClient, admin_browser: Client
) -> None:
    operation = imported(admin_api)
    page = admin_browser.get(f"{OPERATIONS}/{operation.pk}/report/").content.decode()

    for text in ("Records", "Failed records by reason", "Contents of the source"):
        assert text in page
    assert "news/1.csv:2" in page
    shown = admin_browser.get(f"{OPERATIONS}/{operation.pk}/change/").content.decode()
    assert f"{OPERATIONS}/{operation.pk}/report/" in shown
    assert f"{OPERATIONS}/{operation.pk}/report-csv/" in shown


def test_an_import_without_anything_has_a_report(
    admin_api: ApiClient, admin_browser: Client
) -> None:
    operation = ImportOperationFactory.create(user=None)

    sections = {row["section"] for row in report_by_api(admin_api, operation)}

    assert sections == {"import"}
    page = admin_browser.get(f"{OPERATIONS}/{operation.pk}/report/")
    assert page.status_code == 200


def test_importers_have_labels_instead_of_wire_names(admin_api: ApiClient) -> None:
    operation = ImportOperationFactory.create(
        importer_key="slack-users", importer_name="Slack-Users"
    )

    facts = values(report_by_api(admin_api, operation), "import")

    assert facts["importer"] == "Slack member list"


def test_the_number_of_reasons_is_limited(
    admin_api: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operation_report, "MOST_REASONS", 2)
    operation = ImportOperationFactory.create()
    for number in range(5):
        ImportRecordFactory.create(
            operation=operation, outcome=Outcome.FAILED, code=f"code-{number}"
        )

    failures = [
        row
        for row in report_by_api(admin_api, operation)
        if row["section"] == "failures"
    ]

    assert len(failures) == 3
    assert (failures[-1]["name"], failures[-1]["value"]) == ("Other reasons", "3")


def test_a_report_takes_a_constant_number_of_statements(
    db: None, django_assert_num_queries: Any
) -> None:
    operation = ImportOperationFactory.create()
    for number in range(20):
        ImportRecordFactory.create(
            operation=operation, outcome=Outcome.FAILED, code=f"code-{number}"
        )
    fresh = (
        ImportOperation.objects.with_initiator()
        .select_related("file_download")
        .get(pk=operation.pk)
    )

    # Failures by code, their first records, counts by kind.
    with django_assert_num_queries(3):
        operation_report.report_of(fresh)

    assert ImportRecord.objects.count() == 20


def test_only_viewers_of_imports_get_reports(
    plain_browser: Client, importer_browser: Client, hostile: ImportOperation
) -> None:
    for path in ("report", "report-csv"):
        page = f"{OPERATIONS}/{hostile.pk}/{path}/"
        assert plain_browser.get(page).status_code in {302, 403}
        assert importer_browser.get(page).status_code == 200
        assert importer_browser.post(page).status_code == 403
