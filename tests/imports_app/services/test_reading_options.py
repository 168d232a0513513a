"""Reading options and remembered column assignments."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from imports_app.models import AssignedColumns, ImportOperation, ImportRecord, Message
from imports_app.records import Kind
from tests.conftest import ApiClient
from tests.factories import UserFactory
from tests.imports_app.api.importing import current
from tests.working import work

PEOPLE = "Kürzel|Kontakt|Abteilung\nann|ann@example.org|Sales\nbo|bo@example.org|IT\n"
PEOPLE_COLUMNS = ["users.username=Kürzel", "users.email=Kontakt"]
TEAM = {
    "users.csv": "1;ann;ann@example.org\n2;bo;bo@example.org\n",
    "channels.csv": "Raum;Wer\nnews;ann\n",
    "news/1.csv": "Gr\xfc\xdfe;ann;1600000000000\n",
    "directmessages/1.csv": "1600000000001;psst;ann;bo\n",
}
TEAM_COLUMNS = [
    *("users.username=2", "users.email=3"),
    *("channels.name=Raum", "channels.creator=Wer"),
    *("messages.text=1", "messages.author=2", "messages.time=3"),
    *("directmessages.time=1", "directmessages.text=2"),
    *("directmessages.author=3", "directmessages.recipient=4"),
]


def put(api: ApiClient, content: bytes, **options: Any) -> Any:
    """Upload a file and read it."""
    query = {"importerKey": "csv", "fileName": "x", **options}
    response = api.request(
        "PUT",
        f"importOperations/file?{urlencode(query, doseq=True)}",
        data=content,
        content_type="application/octet-stream",
    )
    if response.status_code == 200:
        api.get("getImportFileData")
        work()
    return response


def users_of(operation: ImportOperation) -> list[tuple[Any, Any]]:
    """Return usernames and e-mail addresses of the staged users."""
    found = ImportRecord.objects.of_kind(operation.pk, Kind.USER).order_by("pk")
    return [(one.data.get("username"), one.data.get("emails")) for one in found]


def test_the_api_accepts_reading_options(importer_api: ApiClient) -> None:
    content = PEOPLE.encode("iso-8859-2")

    put(
        importer_api,
        content,
        delimiter="pipe",
        encoding="iso-8859-2",
        columns=PEOPLE_COLUMNS,
    )

    operation = current()
    assert users_of(operation) == [
        ("ann", ["ann@example.org"]),
        ("bo", ["bo@example.org"]),
    ]
    assert operation.report["guesses"] == {}
    details = importer_api.get(f"importOperations/{operation.public_id}").json()
    assert details["operation"]["readingOptions"]["delimiter"] == "|"


def test_the_command_applies_options_to_every_table(
    admin_user: User, tmp_path: Path
) -> None:
    path = tmp_path / "team.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in TEAM.items():
            archive.writestr(name, text.encode("cp1252"))

    call_command(
        "import_file",
        str(path),
        importer="csv",
        delimiter=";",
        encoding="windows-1252",
        columns=TEAM_COLUMNS,
        all=True,
        wait=True,
        stdout=io.StringIO(),
    )

    said = Message.objects.order_by("sent_at").values_list("text", "author__username")
    assert list(said) == [("Gr\xfc\xdfe", "ann"), ("psst", "ann")]
    assert ImportOperation.objects.get().report["guesses"] == {}


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"delimiter": "x"}, "'x' is not a delimiter. Use comma,"),
        ({"encoding": "rot13"}, "'rot13' is not a known encoding. Use utf-8,"),
        (
            {"columns": "users.email"},
            "'users.email' is not a column assignment",
        ),
        ({"columns": "users.phone=3"}, "The fields are users.username,"),
        ({"columns": "users.email=0"}, "'0' is not a column"),
        ({"columns": "users.email=101"}, "'101' is not a column"),
        ({"columns": f"users.email={'x' * 300}"}, "(at most 200 characters)"),
        (
            {"importerKey": "slack", "delimiter": ";"},
            "slack does not support the option delimiter",
        ),
        (
            {"importerKey": "slack-users", "columns": "users.email=1"},
            "slack-users does not support the option columns",
        ),
    ],
)
def test_invalid_options_are_rejected(
    importer_api: ApiClient, options: dict[str, str], problem: str
) -> None:
    response = put(importer_api, PEOPLE.encode(), **options)

    assert response.status_code == 400
    assert problem in response.json()["error"]
    assert response.json()["errorType"] == "error-invalid-reading-option"
    assert not ImportOperation.objects.exists()


def test_the_command_reports_invalid_options(admin_user: User, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(PEOPLE)

    with pytest.raises(CommandError, match="is not a delimiter"):
        call_command("import_file", str(path), importer="csv", delimiter="?")


def test_a_missing_column_fails_the_import(importer_api: ApiClient) -> None:
    put(importer_api, PEOPLE.encode(), columns=["users.username=Login"])

    operation = current()
    assert operation.error_code == "importer-columns-unknown"
    assert "the first row has no column 'Login'" in operation.error_message
    assert "Kürzel, Kontakt, Abteilung" in operation.error_message


def test_columns_are_remembered_for_the_same_header(
    importer_api: ApiClient,
) -> None:
    put(importer_api, PEOPLE.encode(), columns=PEOPLE_COLUMNS)
    shuffled = "kürzel |Kontakt|Abteilung\ncy|cy@example.org|HR\n"

    put(importer_api, shuffled.encode())

    operation = current()
    assert users_of(operation) == [("cy", ["cy@example.org"])]
    details = importer_api.get(f"importOperations/{operation.public_id}").json()
    assert "readingOptions" not in details["operation"]
    assert "importer-columns-remembered" in operation.report["warnings"]


def test_columns_of_other_users_are_not_used(
    importer_api: ApiClient, admin_api: ApiClient
) -> None:
    put(importer_api, PEOPLE.encode(), columns=PEOPLE_COLUMNS)

    put(admin_api, PEOPLE.encode())

    assert current().error_code == "importer-columns-unknown"


def test_a_later_assignment_replaces_an_earlier_one(
    importer_api: ApiClient,
) -> None:
    put(importer_api, PEOPLE.encode(), columns=PEOPLE_COLUMNS)
    put(importer_api, PEOPLE.encode(), columns=["users.email=Kontakt"])

    put(importer_api, PEOPLE.encode())

    assert users_of(current())[0] == (None, ["ann@example.org"])
    assert AssignedColumns.objects.count() == 1


def test_the_oldest_assignments_of_a_user_are_removed(db: None) -> None:
    user, other = UserFactory.create_batch(2)
    AssignedColumns.objects.remember(other, {"x": {"email": "1"}})

    for number in range(120):
        AssignedColumns.objects.remember(user, {f"{number}": {"email": "Mail"}})

    assert len(AssignedColumns.objects.of(user)) == 100
    assert "119" in AssignedColumns.objects.of(user)
    assert len(AssignedColumns.objects.of(other)) == 1
