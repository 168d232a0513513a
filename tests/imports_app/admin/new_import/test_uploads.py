"""Uploads in the admin: streaming, size limits and permissions."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from imports_app.admin.new_import import upload_handler
from imports_app.models import ImportOperation
from imports_app.services.operations import create_operation
from imports_app.statuses import Status
from imports_app.transitions import Actor
from tests.factories import ImportOperationFactory
from tests.imports_app.api.importing import SMALL, current, packed
from tests.working import work

PAGES = "/admin/imports_app/importoperation"
UPLOAD = f"{PAGES}/new/upload/"


def address(**changes: Any) -> str:
    fields = {
        "importer": "csv",
        "name": "team.zip",
        "size": 10,
        "modified": 1_600_000_000_000,
        "type": "application/zip",
        **changes,
    }
    return f"{UPLOAD}?{urlencode(fields)}"


def create(browser: Client, **changes: Any) -> Any:
    """Create an upload as the script does."""
    return browser.post(address(**changes))


def append(browser: Client, url: str, offset: int, part: bytes) -> Any:
    octets = "application/octet-stream"
    return browser.put(f"{url}?offset={offset}", part, content_type=octets)


def finish(browser: Client, url: str, content: bytes, **changes: Any) -> Any:
    digest = hashlib.sha256(content).hexdigest()
    fields = {"importer": "csv", "sha256": digest, **changes}
    return browser.post(f"{url}import/?{urlencode(fields)}")


def put(browser: Client, content: bytes, **changes: Any) -> Any:
    """Upload a file as the script does; return the first refusal or the last answer."""
    created = create(browser, size=len(content), **changes)
    if created.status_code != 201:
        return created
    url = created.json()["url"]
    sent = append(browser, url, 0, content)
    fields = {key: changes[key] for key in ("importer", "replaces") if key in changes}
    return finish(browser, url, content, **fields) if sent.status_code == 200 else sent


def form_with(content: bytes, **fields: Any) -> dict[str, Any]:
    return {"importer": "csv", "file": SimpleUploadedFile("x.zip", content), **fields}


@pytest.fixture
def stored(tmp_path: Path) -> Any:
    """Return a function that lists the stored files."""
    return lambda: sorted(path.name for path in (tmp_path / "uploads").glob("*"))


def test_a_raw_upload_starts_an_import(importer_browser: Client, stored: Any) -> None:
    response = put(importer_browser, packed(SMALL))

    operation = current()
    assert response.status_code == 201
    assert response.json() == {"page": f"{PAGES}/{operation.pk}/change/"}
    assert operation.status == Status.PREPARING_STARTED
    assert operation.content_type == "application/zip"
    assert operation.file_name.endswith("_team.zip")
    assert stored() == [operation.public_id]


def test_a_form_upload_without_script_starts_an_import(
    importer_browser: Client, stored: Any
) -> None:
    importer_browser.post(f"{PAGES}/new/", form_with(packed(SMALL)))

    assert current().status == Status.PREPARING_STARTED
    assert stored() == [current().public_id]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"importer": "png"}, "Select the source."),
        ({"name": "../x.zip"}, "is not a valid file name"),
        ({"name": "x" * 256}, "Shorten it."),
        ({"size": 101}, "larger than 100 bytes"),
        ({"size": -1}, "greater than or equal to 0"),
    ],
)
def test_an_invalid_upload_is_rejected_before_it_is_sent(
    importer_browser: Client, settings: Settings, changes: dict[str, Any], message: str
) -> None:
    settings.FILE_MAX_BYTES = 100

    response = create(importer_browser, **changes)

    assert response.status_code == 400
    assert message in response.json()["message"]
    assert create(importer_browser).status_code == 201


def test_a_full_disk_is_reported_before_a_file_is_sent(
    importer_browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=9))

    response = create(importer_browser, size=10)

    assert "the disk is full" in response.json()["message"]


def test_more_bytes_than_announced_are_rejected(
    importer_browser: Client, stored: Any
) -> None:
    url = create(importer_browser, size=100).json()["url"]

    response = append(importer_browser, url, 0, bytes(101))

    assert response.status_code == 413
    assert importer_browser.get(url).json() == {"offset": 0}
    assert not ImportOperation.objects.exists()


def test_the_upload_of_a_file_continues_where_it_stopped(
    importer_browser: Client, stored: Any
) -> None:
    content = packed(SMALL)
    size = len(content)
    first = create(importer_browser, size=size).json()
    append(importer_browser, first["url"], 0, content[:50])
    page = importer_browser.get(f"{PAGES}/new/").content.decode()
    assert "Unfinished uploads" in page

    again = create(importer_browser, size=size).json()
    other = create(importer_browser, size=size, modified=1).json()

    assert again == {**first, "offset": 50}
    assert other["url"] != first["url"]
    wrong = append(importer_browser, first["url"], 0, content)
    assert wrong.status_code == 409
    early = finish(importer_browser, first["url"], content)
    assert early.status_code == 409
    rest = append(importer_browser, first["url"], 50, content[50:])
    assert rest.json() == {"offset": size}
    importer_browser.delete(other["url"])
    done = finish(importer_browser, first["url"], content)
    assert done.status_code == 201
    assert finish(importer_browser, first["url"], content).json() == done.json()
    assert stored() == [current().public_id]
    page = importer_browser.get(f"{PAGES}/new/").content.decode()
    assert "Unfinished uploads" not in page


def test_a_file_that_changed_during_the_upload_is_rejected(
    importer_browser: Client, stored: Any
) -> None:
    content = packed(SMALL)
    url = create(importer_browser, size=len(content)).json()["url"]
    append(importer_browser, url, 0, content)

    response = finish(importer_browser, url, b"another file")

    assert "Upload it again." in response.json()["message"]
    assert not stored()
    assert not ImportOperation.objects.exists()


def test_an_unfinished_upload_is_cancelled_on_the_page(
    importer_browser: Client, admin_browser: Client, stored: Any
) -> None:
    url = create(importer_browser).json()["url"]

    for response in (
        admin_browser.get(url),
        append(admin_browser, url, 0, b"x"),
        admin_browser.delete(url),
        finish(admin_browser, url, b"x"),
    ):
        assert response.status_code == 404
    admin_browser.post(f"{url}cancel/")
    assert len(stored()) == 1
    assert importer_browser.get(f"{url}cancel/").status_code == 405
    cancelled = importer_browser.post(f"{url}cancel/")
    assert cancelled.headers["Location"] == f"{PAGES}/new/"
    assert not stored()


def test_an_upload_without_permission_is_rejected(
    viewer_browser: Client, stored: Any
) -> None:
    for browser in (Client(), viewer_browser):
        assert create(browser).status_code == 403
        assert append(browser, f"{UPLOAD}x/", 0, b"x").status_code == 403
        assert finish(browser, f"{UPLOAD}x/", b"x").status_code == 403
    assert not stored()


def test_an_upload_needs_a_csrf_token(importer_browser: Client, stored: Any) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.cookies = importer_browser.cookies

    assert put(browser, b"x").status_code == 403
    assert not stored()
    browser.get(f"{PAGES}/new/")
    token = {"X-CSRFToken": browser.cookies["csrftoken"].value}
    created = browser.post(address(), headers=token)
    assert created.status_code == 201
    assert append(browser, created.json()["url"], 0, b"x").status_code == 403


def test_an_upload_needs_consent_to_cancel_the_active_import(
    importer_browser: Client, stored: Any
) -> None:
    running = ImportOperationFactory.create(
        status=Status.IMPORTING_USERS, is_valid=True
    )

    for response in (
        create(importer_browser),
        put(importer_browser, packed(SMALL)),
        put(importer_browser, packed(SMALL), replaces=running.pk + 1),
    ):
        assert "Another import is in progress" in response.json()["message"]
    running.refresh_from_db()
    assert running.is_valid
    assert not stored()
    assert put(importer_browser, b"x", replaces=running.pk).status_code == 201


def test_an_import_started_during_an_upload_stays_active(
    importer_browser: Client,
) -> None:
    content = packed(SMALL)
    url = create(importer_browser, size=len(content)).json()["url"]
    append(importer_browser, url, 0, content)
    running = ImportOperationFactory.create(
        status=Status.IMPORTING_USERS, is_valid=True
    )

    response = finish(importer_browser, url, content)

    assert "Another import is in progress" in response.json()["message"]
    assert current() == running
    assert (
        finish(importer_browser, url, content, replaces=running.pk).status_code == 201
    )


def test_a_form_upload_has_a_size_limit(
    importer_browser: Client, settings: Settings, stored: Any
) -> None:
    settings.FILE_MAX_BYTES = 100

    response = importer_browser.post(f"{PAGES}/new/", form_with(bytes(3_000_000)))

    assert "larger than 100 bytes" in response.content.decode()
    assert not stored()
    assert not ImportOperation.objects.exists()


def test_a_form_upload_reports_a_full_disk(
    importer_browser: Client, stored: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object, **_more: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)

    response = importer_browser.post(f"{PAGES}/new/", form_with(b"x"))

    assert "the disk is full" in response.content.decode()
    assert not stored()


def test_an_invalid_form_leaves_no_file(importer_browser: Client, stored: Any) -> None:
    response = importer_browser.post(f"{PAGES}/new/", form_with(b"x", importer="png"))

    assert "Select the source." in response.content.decode()
    assert not stored()


def test_the_importer_is_detected_by_the_content(
    importer_browser: Client, stored: Any
) -> None:
    response = put(importer_browser, packed(SMALL), importer="")

    operation = current()
    assert response.status_code == 201
    assert operation.importer_key == "csv"
    [note] = [
        text
        for code, text in operation.report["warnings"].items()
        if code == "importer-detected"
    ]
    assert note["message"].startswith("This looks like an archive of CSV tables")
    work()
    text = importer_browser.get(f"{PAGES}/{operation.pk}/change/").content.decode()
    assert note["message"] in text
    assert "Change importer" in text


def test_a_file_of_unknown_kind_asks_for_the_importer(
    importer_browser: Client, stored: Any
) -> None:
    content = b"Dear reader\n"
    sent = put(importer_browser, content, importer="", name="letter.txt")
    file = SimpleUploadedFile("letter.txt", content)
    form = form_with(content, importer="", file=file)
    page = importer_browser.post(f"{PAGES}/new/", form)

    assert sent.status_code == 400
    assert sent.json()["asksImporter"]
    for text in (sent.json()["message"], page.content.decode()):
        assert "a text without columns" in text
        assert "an Excel workbook (.xlsx)" in text
    assert 'id="importer-choice" open' in page.content.decode()
    [kept] = stored()
    assert kept.startswith("partial-")
    assert not ImportOperation.objects.exists()
    accepted = put(importer_browser, content, importer="csv", name="letter.txt")
    assert accepted.status_code == 409  # all bytes are there already


def test_an_interrupted_form_upload_leaves_no_file(
    importer_browser: Client, stored: Any
) -> None:
    head = (
        '--B\r\nContent-Disposition: form-data; name="importer"\r\n\r\ncsv\r\n'
        '--B\r\nContent-Disposition: form-data; name="file"; filename="x.zip"\r\n\r\n'
    )
    response = importer_browser.post(
        f"{PAGES}/new/",
        head.encode() + bytes(5000),
        content_type="multipart/form-data; boundary=B",
    )

    assert "Choose a file" in response.content.decode()
    assert not stored()


@pytest.fixture
def never_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail if a file of a form is written to disk."""

    def write(limit: int) -> None:
        msg = "a file was written"
        raise AssertionError(msg)

    monkeypatch.setattr(upload_handler, "Incoming", write)


@pytest.mark.usefixtures("never_written")
@pytest.mark.parametrize("page", ["/admin/login/", f"{PAGES}/new/", f"{PAGES}/"])
def test_uploads_without_permission_are_not_stored(
    db: None, viewer_browser: Client, page: str
) -> None:
    for browser in (Client(), viewer_browser, Client(enforce_csrf_checks=True)):
        browser.cookies["csrftoken"] = "a" * 32
        assert browser.post(page, form_with(b"x")).status_code in (302, 403)


@pytest.mark.usefixtures("never_written")
def test_only_the_new_import_page_accepts_files(importer_browser: Client) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.cookies = importer_browser.cookies
    browser.get(f"{PAGES}/new/")
    token = browser.cookies["csrftoken"].value
    for page in ("/admin/login/", f"{PAGES}/fetch-files/", f"{PAGES}/"):
        fields = {"csrfmiddlewaretoken": token, **form_with(b"x")}
        assert browser.post(page, fields).status_code == 403


def test_a_form_accepts_one_file(importer_browser: Client, stored: Any) -> None:
    more = {"other": SimpleUploadedFile("y.zip", b"y")}

    response = importer_browser.post(f"{PAGES}/new/", form_with(b"x", **more))

    assert response.status_code == 403
    assert not stored()


def test_upload_import_file_replaces_the_active_import(
    importer_user: Any,
) -> None:
    running = ImportOperationFactory.create(
        status=Status.IMPORTING_USERS, is_valid=True
    )

    create_operation(
        actor=Actor(importer_user), importer_key="csv", importer_name="CSV"
    )

    running.refresh_from_db()
    assert not running.is_valid
