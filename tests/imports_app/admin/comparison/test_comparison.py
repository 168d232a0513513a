"""Comparison of two imports in the admin."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from imports_app.admin.comparison.links import compare_link, comparison_of
from imports_app.models import ImportOperation, Outcome
from imports_app.selection.rules import ALL, DIRECT_MESSAGES, KindSelection, Selection
from imports_app.statuses import Status
from tests.factories import (
    ImportOperationFactory,
    ImportRecordFactory,
    KindCountFactory,
)

LIST = "/admin/imports_app/importoperation/"


def _lines(browser: Client, left: Any, right: Any) -> dict[str, tuple[Any, ...]]:
    """Return the lines of the comparison by name."""
    answer = browser.get(comparison_of(left, right))
    assert answer.status_code == 200
    page = answer.content.decode()
    lines = {
        line.name: (*line.shown, line.difference)
        for section in answer.context["sections"]
        for line in section.lines
    }
    for line in lines.values():
        assert line[2] in page
    return lines


def _select(browser: Client, *operations: ImportOperation) -> Any:
    selected = [operation.pk for operation in operations]
    form = {"action": "compare_selected", "_selected_action": selected}
    return browser.post(LIST, form, follow=True)


def test_two_selected_imports_redirect_to_a_url_to_share(
    importer_browser: Client,
) -> None:
    older, newer = ImportOperationFactory.create_batch(2)

    answer = _select(importer_browser, newer, older)

    path = f"{LIST}compare/?a={older.public_id}&b={newer.public_id}"
    assert answer.redirect_chain == [(path, 302)]
    assert answer.status_code == 200
    page = answer.content.decode()
    for operation in (older, newer):
        assert f"{LIST}{operation.pk}/change/" in page


@pytest.mark.parametrize("number", [1, 3])
def test_any_other_number_shows_an_error(importer_browser: Client, number: int) -> None:
    answer = _select(importer_browser, *ImportOperationFactory.create_batch(number))

    assert answer.redirect_chain == [(LIST, 302)]
    assert "Select exactly two imports" in answer.content.decode()


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("", "needs two imports"),
        ("?a={0}", "needs two imports"),
        ("?a={0}&b={0}", "needs two imports"),
        ("?a={0}&b=unknown", "Import unknown does not exist."),
    ],
)
def test_a_url_without_two_imports_shows_an_error(
    importer_browser: Client, query: str, text: str
) -> None:
    operation = ImportOperationFactory.create()
    path = f"{LIST}compare/{query.format(operation.public_id)}"

    answer = importer_browser.get(path, follow=True)

    assert answer.redirect_chain == [(LIST, 302)]
    assert text in answer.content.decode()


def test_requires_the_view_permission(plain_browser: Client) -> None:
    left, right = ImportOperationFactory.create_batch(2)

    answer = plain_browser.get(comparison_of(left, right))

    assert answer.status_code in {302, 403}
    assert left.public_id not in answer.content.decode()


def test_compares_the_facts(importer_browser: Client) -> None:
    start = timezone.now() - timedelta(hours=5)
    left = ImportOperationFactory.create(
        file_name="a.zip",
        file_size=1024,
        file_digest="ab" * 32,
        created_at=start,
        updated_at=start + timedelta(seconds=40),
        running_ms=40_200,
    )
    right = ImportOperationFactory.create(
        user=left.user,
        parent=left,
        status=Status.FAILED,
        file_name="b.zip",
        file_size=3072,
        file_digest="ab" * 32,
        created_at=start + timedelta(hours=2),
        updated_at=start + timedelta(hours=2, minutes=5),
        running_ms=30_000,
    )

    lines = _lines(importer_browser, left, right)

    assert lines["Importer"] == ("CSV", "CSV", "= same")
    assert lines["Status"][2] == "≠ different"
    assert lines["File"] == ("a.zip", "b.zip", "≠ different")
    assert lines["File size"][2].replace("\xa0", " ") == "2.0 KB larger"
    assert lines["Content (SHA-256)"][2] == "= identical"
    assert lines["Started by"][2] == "= same"
    assert lines["Started"][2] == "2 h later"
    assert lines["Running time"] == ("40 s", "30 s", "10 s shorter")
    waited = ("less than a second", "4 min 30 s", "4 min 30 s longer")
    assert lines["Waiting time"] == waited
    assert lines["Retry of"] == ("-", left.public_id, "≠ different")


def test_compares_original_file_names(importer_browser: Client) -> None:
    left, right = (
        ImportOperationFactory.create(file_name=f"{time}_d26x6zSkaPSe5gCyy_a_b.zip")
        for time in ("20261124101112", "20261125101112")
    )

    lines = _lines(importer_browser, left, right)

    assert lines["File"] == ("a_b.zip", "a_b.zip", "= same")


def test_unknown_values_are_not_comparable(importer_browser: Client) -> None:
    left = ImportOperationFactory.create(file_size=1, file_digest="ab" * 32)
    right = ImportOperationFactory.create()

    lines = _lines(importer_browser, left, right)

    for name in ("File size", "Content (SHA-256)"):
        assert lines[name][1:] == ("-", "? not comparable")
    assert lines["Speed"] == ("-", "-", "= same")
    assert lines["Running time"] == ("-", "-", "= same")


def test_compares_the_speed(importer_browser: Client) -> None:
    start = timezone.now()
    pair = [
        ImportOperationFactory.create(
            run_started_at=start, heartbeat_at=start + timedelta(seconds=seconds)
        )
        for seconds in (10, 5)
    ]
    for operation in pair:
        KindCountFactory.create(operation=operation, imported=1000)

    assert _lines(importer_browser, *pair)["Speed"] == (
        *("100 records/s", "200 records/s"),
        "100% faster",
    )


def test_compares_the_outcomes_by_kind(importer_browser: Client) -> None:
    left, right = ImportOperationFactory.create_batch(2)
    KindCountFactory.create(operation=left, staged=1500, imported=1500)
    KindCountFactory.create(operation=right, staged=1500, imported=1497, failed=3)
    KindCountFactory.create(operation=right, kind="user", staged=2, updated=2)

    lines = _lines(importer_browser, left, right)

    assert lines["Messages: found"] == ("1,500", "1,500", "= same")
    assert lines["Messages: imported"] == ("1,500", "1,497", "3 fewer")
    assert lines["Messages: failed"] == ("0", "3", "3 more")
    assert lines["Users: updated"] == ("0", "2", "2 more")
    assert "Messages: skipped" not in lines


def test_compares_failed_records_by_code(importer_browser: Client) -> None:
    left, right = ImportOperationFactory.create_batch(2)
    for operation, code in (
        (left, "importer-row-nul"),
        (left, "importer-row-nul"),
        (right, "importer-row-nul"),
        (right, "fetch-too-slow"),
    ):
        ImportRecordFactory.create(
            operation=operation, code=code, outcome=Outcome.FAILED
        )
    ImportRecordFactory.create(code="other", outcome=Outcome.FAILED)

    lines = _lines(importer_browser, left, right)

    assert lines["importer-row-nul"][2] == "1 fewer"
    assert lines["fetch-too-slow"][::2] == ("0", "1 more")
    assert f"operation__id__exact={right.pk}" in lines["fetch-too-slow"][1]
    assert "other" not in lines


def test_compares_facts_and_findings(importer_browser: Client) -> None:
    warning = {"message": "A mark was <left> out.", "count": 2, "examples": []}
    left = ImportOperationFactory.create(
        report={"facts": {"entries": 3}, "warnings": {"csv-bom": warning}}
    )
    right = ImportOperationFactory.create(
        report={"facts": {"entries": 5, "bots": 1}, "warnings": {"csv-lf": warning}}
    )

    lines = _lines(importer_browser, left, right)

    assert lines["entries"] == ("3", "5", "2 more")
    assert lines["bots"] == ("0", "1", "1 more")
    names = {name: line[2] for name, line in lines.items() if "mark" in name}
    assert names == {
        "A mark was &lt;left&gt; out. <code>csv-bom</code>": "- only in A",
        "A mark was &lt;left&gt; out. <code>csv-lf</code>": "+ only in B",
    }


def test_compares_the_selections(importer_browser: Client) -> None:
    rooms = frozenset({"C1", "C2", "C3"})
    left = ImportOperationFactory.create(
        selection=Selection(users=ALL, channels=KindSelection(ids=rooms)).as_json()
    )
    right = ImportOperationFactory.create(
        selection=Selection(
            users=KindSelection(),
            channels=KindSelection(ids=frozenset({"C3", DIRECT_MESSAGES})),
        ).as_json()
    )

    lines = _lines(importer_browser, left, right)

    assert lines["Users"] == ("all", "none", "≠ different")
    assert lines["Contacts"] == ("none", "none", "= same")
    assert lines["Rooms"] == (
        *("3 selected", "1 selected, direct messages"),
        "≠ 2 only in A, 1 only in B",
    )


def test_compares_imports_without_records(importer_browser: Client) -> None:
    left, right = ImportOperationFactory.create_batch(2, user=None, status=Status.NEW)

    page = importer_browser.get(comparison_of(left, right)).content.decode()

    for text in (
        "Neither import has any records.",
        "Neither import has failed records.",
    ):
        assert text in page


@pytest.mark.django_db
def test_the_link_compares_with_the_previous_import_of_the_importer() -> None:
    now = timezone.now()
    first, second = (
        ImportOperationFactory.create(created_at=now - timedelta(hours=hours))
        for hours in (3, 2)
    )
    ImportOperationFactory.create(
        importer_key="slack", created_at=now - timedelta(hours=1)
    )
    third = ImportOperationFactory.create(created_at=now)

    assert compare_link(third) == comparison_of(second, third)
    assert compare_link(second) == comparison_of(first, second)
    assert compare_link(first) is None


@pytest.mark.parametrize("rows", [3, 30])
def test_the_number_of_queries_does_not_grow_with_the_failures(
    importer_browser: Client,
    django_assert_num_queries: DjangoAssertNumQueries,
    rows: int,
) -> None:
    left, right = ImportOperationFactory.create_batch(2)
    for number in range(rows):
        ImportRecordFactory.create(
            operation=left, outcome=Outcome.FAILED, code=f"code-{number}"
        )

    # Session, user, permissions; the operations; the counts by kind of each; the
    # failures of both.
    with django_assert_num_queries(7):
        importer_browser.get(comparison_of(left, right))


def test_kinds_that_were_not_counted_are_not_zero(importer_browser: Client) -> None:
    counted = ImportOperationFactory.create(is_prepared=True)
    KindCountFactory.create(operation=counted, kind="user", staged=3)
    KindCountFactory.create(operation=counted, kind="channel", staged=0)
    reading = ImportOperationFactory.create(status=Status.PREPARING_USERS)

    lines = _lines(importer_browser, counted, reading)

    assert lines["Users: found"] == ("3", "not counted", "? not comparable")
    assert lines["Users: imported"][:2] == ("0", "not counted")

    ImportOperation.objects.filter(pk=reading.pk).update(is_prepared=True)
    lines = _lines(importer_browser, counted, reading)
    assert lines["Users: found"] == ("3", "0", "3 fewer")
