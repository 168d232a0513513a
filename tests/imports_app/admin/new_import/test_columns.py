"""The page that assigns the columns of an operation's tables."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from imports_app.admin.new_import.column_labels import DELIMITER_NAMES, FIELD_NAMES
from imports_app.importers.csv.fields import FIELDS
from imports_app.importers.reading_options import DELIMITERS
from imports_app.models import AssignedColumns, ImportOperation, ImportRecord
from imports_app.records import Kind
from imports_app.statuses import Status
from tests.imports_app.admin.operations.pages import viewer_with
from tests.imports_app.api.importing import current, packed
from tests.working import work

PAGES = "/admin/imports_app/importoperation"
PEOPLE = "Kennung,Kontakt,Abteilung\nann,ann@example.org,Sales\nbo,<b>@x,IT\n"


def page(operation: ImportOperation) -> str:
    return f"{PAGES}/{operation.pk}/columns/"


def text_of(browser: Client, path: str) -> str:
    response = browser.get(path)
    assert response.status_code == 200
    return response.content.decode()


def upload(browser: Client, content: bytes, importer: str = "csv") -> ImportOperation:
    file = SimpleUploadedFile("people.csv", content)
    browser.post(f"{PAGES}/new/", {"importer": importer, "file": file})
    work()
    return current()


@pytest.fixture
def unclear(importer_browser: Client) -> ImportOperation:
    """A list of users with unknown columns."""
    return upload(importer_browser, PEOPLE.encode())


def test_every_field_and_delimiter_has_a_label() -> None:
    assert {field for fields in FIELDS.values() for field in fields} == set(FIELD_NAMES)
    assert set(DELIMITERS) == set(DELIMITER_NAMES) - {""}


def choices_of(text: str) -> list[str]:
    """Return the selected field of each column."""
    selects = re.findall(r"<select name=\"[a-z]+-[0-9]+\".*?</select>", text, re.S)
    return [re.findall(r'value="([a-z_]*)" selected', select)[0] for select in selects]


def test_the_report_links_to_the_page(
    importer_browser: Client, unclear: ImportOperation
) -> None:
    assert unclear.error_code == "importer-columns-unknown"

    text = text_of(importer_browser, f"{PAGES}/{unclear.pk}/change/")

    assert "Assign columns" in text
    assert page(unclear) in text


def test_shows_the_first_rows(
    importer_browser: Client, unclear: ImportOperation
) -> None:
    text = text_of(importer_browser, page(unclear))

    assert "<td>ann@example.org</td>" in text
    assert "<td>&lt;b&gt;@x</td>" in text
    header = "users.csv: the first row looks like a header with unknown column names"
    assert f"{header}: Kennung, Kontakt, Abteilung" in text
    assert choices_of(text) == ["username", "email", "name"]


def assign(browser: Client, operation: ImportOperation, **fields: str) -> Any:
    sent = {"delimiter": "", "encoding": "", "table": "users", **fields}
    return browser.post(page(operation), sent)


def test_reads_the_file_again_with_the_assigned_columns(
    importer_browser: Client, unclear: ImportOperation
) -> None:
    fields = {"users-0": "username", "users-1": "email", "users-header": "on"}
    response = assign(importer_browser, unclear, **fields)

    again = current()
    assert response.headers["Location"] == f"{PAGES}/{again.pk}/change/"
    work()
    again.refresh_from_db()
    assert again.status == Status.USER_SELECTION
    assert again.reading_options["columns"] == {
        "users": {"username": "Kennung", "email": "Kontakt"}
    }
    users = ImportRecord.objects.of_kind(again.pk, Kind.USER).order_by("pk")
    assert [user.data["username"] for user in users] == ["ann", "bo"]
    kept = AssignedColumns.objects.get()
    assert kept.columns == {"username": "Kennung", "email": "Kontakt"}


def test_assigned_columns_are_remembered_for_the_same_header(
    importer_browser: Client, unclear: ImportOperation
) -> None:
    fields = {"users-0": "username", "users-1": "email", "users-header": "on"}
    assign(importer_browser, unclear, **fields)
    work()
    file = SimpleUploadedFile("people.csv", PEOPLE.encode())
    fields = {"importer": "csv", "file": file, "replaces": str(current().pk)}  # type: ignore[dict-item]

    importer_browser.post(f"{PAGES}/new/", fields)
    work()

    assert current().status == Status.USER_SELECTION
    text = text_of(importer_browser, f"{PAGES}/{current().pk}/change/")
    assert "as assigned in an earlier import" in text
    assert choices_of(text_of(importer_browser, page(current()))) == [
        *("username", "email", ""),
    ]


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        (
            {"users-0": "email", "users-1": "email"},
            "E-mail address is assigned to more than one column.",
        ),
        ({"users-0": "name"}, "no column found for username or email"),
        ({}, "unknown column names: Kennung, Kontakt"),
        ({"table": "channels", "channels-1": "creator"}, "no column found for name"),
    ],
)
def test_errors_are_shown_on_the_page(
    importer_browser: Client,
    unclear: ImportOperation,
    fields: dict[str, str],
    problem: str,
) -> None:
    table = {} if fields else {"table": ""}
    response = assign(importer_browser, unclear, **{**fields, **table})

    assert response.status_code == 200
    assert problem in response.content.decode()
    assert ImportOperation.objects.count() == 1


def test_delimiter_and_encoding_update_the_preview(importer_browser: Client) -> None:
    content = "username|email|name\nj|j@example.org|J\xfcrgen, Dr.\n"
    operation = upload(importer_browser, content.encode("iso-8859-1"))

    text = text_of(
        importer_browser, f"{page(operation)}?delimiter=pipe&encoding=koi8-r"
    )

    assert "<td>J\u044crgen, Dr.</td>" in text.replace("Э", "ь") or "rgen, Dr." in text
    assert '<option value="pipe" selected>' in text
    assert '<option value="koi8-r" selected>' in text


def test_a_single_table_shows_its_detected_kind(importer_browser: Client) -> None:
    rooms = b"name,creator,type\nnews,ann,private\n"
    operation = upload(importer_browser, rooms)

    text = text_of(importer_browser, page(operation))

    assert '<option value="channels" selected>Rooms</option>' in text
    assert choices_of(text) == ["name", "creator", "type"]


def test_every_kind_of_table_is_shown_once(importer_browser: Client) -> None:
    entries = {
        "users.csv": "ann,ann@example.org,Ann\n",
        "channels.csv": "name,creator,type\nnews,ann,private\n",
        "news/1.csv": "ann,1600000000000,hello\n",
        "news/2.csv": "ann,1600000000001,again\n",
        "directmessages/1.csv": "ann,bo,1600000000000,psst\n",
    }
    operation = upload(importer_browser, packed(entries))

    text = text_of(importer_browser, page(operation))

    assert re.findall(r"<legend>([^<]+) <code>([^<]+)</code>", text) == [
        ("Users", "users.csv"),
        ("Rooms", "channels.csv"),
        ("Room messages", "news/1.csv"),
        ("Direct messages", "directmessages/1.csv"),
    ]
    assert choices_of(text)[:6] == [
        "username",
        "email",
        "name",
        "name",
        "creator",
        "type",
    ]


@pytest.mark.parametrize("importer", ["slack", "slack-users"])
def test_importers_without_columns_have_no_column_page(
    importer_browser: Client, importer: str
) -> None:
    operation = upload(importer_browser, PEOPLE.encode(), importer)

    response = importer_browser.get(page(operation))

    assert response.status_code == 302
    change = text_of(importer_browser, f"{PAGES}/{operation.pk}/change/")
    assert page(operation) not in change


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_page_needs_the_import_permission(
    unclear: ImportOperation, method: str
) -> None:
    viewer = viewer_with("view-import-operations")

    response = getattr(viewer, method)(page(unclear), {"delimiter": ""})

    assert response.status_code == 403
    assert ImportOperation.objects.count() == 1
    change = viewer.get(f"{PAGES}/{unclear.pk}/change/").content.decode()
    assert page(unclear) not in change


@pytest.mark.parametrize(
    "query", ["delimiter=x&encoding=rot13", "delimiter=&table=x", "encoding=zlib"]
)
def test_unknown_fields_are_ignored(
    importer_browser: Client, unclear: ImportOperation, query: str
) -> None:
    text = text_of(importer_browser, f"{page(unclear)}?{query}")

    assert "<td>ann@example.org</td>" in text
