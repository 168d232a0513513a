"""The new import page: importers, templates, URLs, active import."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from imports_app.importers.registry import visible_importers
from imports_app.models import ImportOperation
from imports_app.statuses import Status
from tests.factories import ImportOperationFactory
from tests.imports_app.api.importing import SMALL, current, packed
from tests.web import Web, misbehaving

PAGE = "/admin/imports_app/importoperation/new/"


def text_of(browser: Client) -> str:
    response = browser.get(PAGE)
    assert response.status_code == 200
    return response.content.decode()


def post(browser: Client, **fields: Any) -> Any:
    file = SimpleUploadedFile("team.zip", packed(SMALL), "application/zip")
    return browser.post(PAGE, {"importer": "csv", "file": file, **fields})


def test_every_importer_has_a_guide(importer_browser: Client) -> None:
    text = text_of(importer_browser)

    for importer in visible_importers():
        assert importer.guide is not None
        assert f'value="{importer.key}"' in text
        assert importer.guide.title.replace("'", "&#x27;") in text
        assert f"{PAGE}template/{importer.key}/" in text
    assert 'value="api"' not in text


def test_a_template_can_be_downloaded(importer_browser: Client) -> None:
    response = importer_browser.get(f"{PAGE}template/csv/")

    assert response.headers["Content-Type"] == "application/zip"
    assert 'filename="csv-template.zip"' in response.headers["Content-Disposition"]
    with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
        assert {"users.csv", "channels.csv"} <= set(archive.namelist())
    assert importer_browser.get(f"{PAGE}template/api/").status_code == 404


def test_templates_need_the_import_permission(viewer_browser: Client) -> None:
    assert viewer_browser.get(f"{PAGE}template/csv/").status_code == 403


def test_the_number_of_queries_is_constant(
    importer_browser: Client, django_assert_max_num_queries: Any
) -> None:
    ImportOperationFactory.create_batch(30)

    # session, user, permissions, active import, unfinished uploads
    with django_assert_max_num_queries(5):
        text_of(importer_browser)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"importer": "csv"}, "Choose a file or enter a URL"),
        ({"importer": "png", "address": "http://a.b/c"}, "Select the source."),
        ({"address": "http://a.b/c"}, "detected before the download"),
        ({"importer": "csv", "address": "http://10.0.0.1/x.zip"}, "private network"),
        ({"importer": "csv", "address": "ftp://a.b/c"}, "must begin with http://"),
        (
            {"importer": "csv", "address": "http://a.invalid/c"},
            "was not found",
        ),
        (
            {"importer": "csv", "address": "http://me:pw@a.b/c"},
            "a username or",
        ),
    ],
)
def test_errors_are_shown_in_the_form(
    importer_browser: Client, fields: dict[str, str], message: str
) -> None:
    response = importer_browser.post(PAGE, fields)

    assert response.status_code == 200
    assert message in response.content.decode()
    assert not ImportOperation.objects.exists()


def test_the_form_keeps_its_values_after_an_error(
    importer_browser: Client,
) -> None:
    running = ImportOperationFactory.create(
        status=Status.IMPORTING_USERS, is_valid=True
    )
    fields: dict[str, Any] = {"importer": "slack", "address": "http://10.0.0.1/x.zip"}
    fields["replaces"] = running.pk

    text = importer_browser.post(PAGE, fields).content.decode()

    assert 'id="importer-slack" data-suffixes=".zip" checked' in text
    assert 'value="http://10.0.0.1/x.zip"' in text
    assert 'id="replaces" required checked' in text


@pytest.fixture
def web(settings: Settings) -> Iterator[Web]:
    settings.DOWNLOAD_ALLOWED_HOSTS = ["127.0.0.1"]
    with misbehaving() as server:
        yield server


def test_the_error_of_a_remote_server_is_shown(
    importer_browser: Client, web: Web
) -> None:
    fields = {"importer": "csv", "address": web.url("status/404")}

    text = importer_browser.post(PAGE, fields).content.decode()

    assert "The file can&#x27;t be downloaded: Unexpected response status 404." in text


def test_the_page_asks_before_it_cancels_the_active_import(
    importer_browser: Client,
) -> None:
    assert "Another import is in progress:" not in text_of(importer_browser)
    running = ImportOperationFactory.create(
        status=Status.IMPORTING_MESSAGES, is_valid=True
    )

    text = text_of(importer_browser)
    assert str(running) in text
    assert "In progress" in text
    assert 'name="replaces"' in text

    refused = post(importer_browser)
    assert "Confirm that the new import cancels it." in refused.content.decode()
    assert current() == running
    running.refresh_from_db()
    assert running.is_valid

    assert post(importer_browser, replaces=running.pk).status_code == 302
    running.refresh_from_db()
    assert not running.is_valid
    assert current().status == Status.PREPARING_STARTED


def test_consent_covers_one_import_only(
    importer_browser: Client,
) -> None:
    agreed = ImportOperationFactory.create(status=Status.DONE)
    started_since = ImportOperationFactory.create(
        status=Status.IMPORTING_USERS, is_valid=True
    )

    post(importer_browser, replaces=agreed.pk)

    started_since.refresh_from_db()
    assert started_since.is_valid


def test_a_finished_import_needs_no_consent(importer_browser: Client) -> None:
    ImportOperationFactory.create(status=Status.DONE, is_valid=True)

    assert "Another import is in progress:" not in text_of(importer_browser)
    assert post(importer_browser).status_code == 302


def test_a_url_needs_consent_to_cancel_the_active_import(
    importer_browser: Client, web: Web
) -> None:
    running = ImportOperationFactory.create(
        status=Status.IMPORTING_USERS, is_valid=True
    )
    fields = {"importer": "csv", "address": web.url("ok")}

    importer_browser.post(PAGE, fields)

    running.refresh_from_db()
    assert running.is_valid
