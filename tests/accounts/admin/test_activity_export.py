from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.test import Client

from accounts.admin.activity import export as activity_export
from accounts.models import ActivityEntry
from accounts.services.activity import Author, record_event
from tests.accounts.activity.entries import Commit, write_entries

LIST = "/admin/accounts/activityentry/"
EXPORT = f"{LIST}export/"


@pytest.fixture
def commit(django_capture_on_commit_callbacks: Commit) -> Commit:
    return django_capture_on_commit_callbacks


def exported(browser: Client, query: str = "") -> list[dict[str, str]]:
    answer: Any = browser.get(EXPORT + query)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert 'filename="activity-log-' in answer.headers["Content-Disposition"]
    return list(csv.DictReader(io.StringIO(answer.getvalue().decode())))


def names(rows: list[dict[str, str]]) -> list[str]:
    return [row["Name"] for row in rows]


def test_exports_the_entries_newest_first_and_is_logged(
    admin_browser: Client, commit: Commit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(activity_export, "_BATCH", 2)
    write_entries(commit, 5)

    export, *rows = exported(admin_browser)

    assert names(rows) == [f"role-{number}" for number in (5, 4, 3, 2, 1)]
    first = rows[-1]
    assert (first["Number"], first["By"], first["Address"]) == ("1", "ada", "192.0.2.1")
    assert first["Before"] == '{"permissions":["run-import"]}'
    assert (export["Action"], export["Number"]) == ("exported", "")
    assert ActivityEntry.objects.latest("pk").action == "exported"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?q=role-2", ["role-2"]),
        ("?by=ada&action__exact=changed&p=7", ["role-3", "role-2", "role-1"]),
        ("?by=nobody", []),
        ("?from=192.0.2.1", ["role-3", "role-2", "role-1"]),
        ("?from=192.0.2.9", []),
        ("?subject__exact=user", []),
        ("?created_at_from=2001-01-01&created_at_to=2001-12-31", []),
        (
            "?created_at_from=2001-01-01&by=ada&created_at_to=9999-12-31&q=-1",
            ["role-1"],
        ),
    ],
)
def test_exports_the_filtered_entries(
    admin_browser: Client, commit: Commit, query: str, expected: list[str]
) -> None:
    write_entries(commit, 3)

    listed = admin_browser.get(LIST + query).content.decode()
    rows = [row for row in exported(admin_browser, query) if row["Action"] == "changed"]

    assert names(rows) == expected
    shown = [name for name in ("role-3", "role-2", "role-1") if name in listed]
    assert shown == expected


def test_cells_are_safe_in_a_spreadsheet(admin_browser: Client) -> None:
    record_event(
        ActivityEntry.Action.VIEWED,
        ActivityEntry.Subject.ROOM,
        "=cmd()",
        by=Author(None, name="@SUM(A1)"),
    )

    [row] = exported(admin_browser, "?action__exact=viewed")

    assert (row["Name"], row["By"]) == ("'=cmd()", "'@SUM(A1)")


def test_the_list_links_to_the_export_with_its_filters(admin_browser: Client) -> None:
    page = admin_browser.get(f"{LIST}?by=ada").content.decode()

    assert f'href="{EXPORT}?by=ada"' in page


def test_the_export_requires_access_permissions(
    importer_browser: Client, admin_browser: Client
) -> None:
    assert importer_browser.get(EXPORT).status_code == 403
    assert admin_browser.post(EXPORT).status_code == 403
    assert Client().get(EXPORT).status_code == 302
    assert not ActivityEntry.objects.exists()


def test_an_unknown_filter_is_rejected(admin_browser: Client) -> None:
    answer = admin_browser.get(f"{EXPORT}?nosuchfield=1")

    assert answer.status_code == 400
    assert not ActivityEntry.objects.exists()
