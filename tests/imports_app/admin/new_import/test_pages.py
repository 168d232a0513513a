"""The page of a new import: importers, templates, addresses, what is going on."""

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


def test_every_importer_is_explained(importer_browser: Client) -> None:
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


def test_templates_are_for_those_who_import(viewer_browser: Client) -> None:
    assert viewer_browser.get(f"{PAGE}template/csv/").status_code == 403


def test_the_page_asks_for_the_same_rows_of_any_history(
    importer_browser: Client, django_assert_max_num_queries: Any
) -> None:
    ImportOperationFactory.create_batch(30)

    with django_assert_max_num_queries(4):  # session, user, rights, what is going on
        text_of(importer_browser)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"importer": "csv"}, "Choose a file, or give an address"),
        ({"importer": "png", "address": "http://a.b/c"}, "Choose what it is."),
        ({"address": "http://a.b/c"}, "Choose what it is."),
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
def test_what_is_wrong_is_said_in_the_form(
    importer_browser: Client, fields: dict[str, str], said: str
) -> None:
    response = importer_browser.post(PAGE, fields)

    assert response.status_code == 200
    assert said in response.content.decode()
    assert not ImportOperation.objects.exists()


def test_what_was_chosen_is_still_chosen_after_a_mistake(
    importer_browser: Client,
) -> None:
    running = ImportOperationFactory.create(
        status=Status.IMPORTING_USERS, is_valid=True
    )
    fields: dict[str, Any] = {"importer": "slack", "address": "http://10.0.0.1/x.zip"}
    fields["replaces"] = running.pk

    text = importer_browser.post(PAGE, fields).content.decode()

    assert 'id="importer-slack" data-suffixes=".zip" required checked' in text
    assert 'value="http://10.0.0.1/x.zip"' in text
    assert 'id="replaces" required checked' in text


@pytest.fixture
def web(settings: Settings) -> Iterator[Web]:
    settings.DOWNLOAD_ALLOWED_HOSTS = ["127.0.0.1"]
    with misbehaving() as server:
        yield server


def test_what_the_server_at_an_address_says_is_told(
    importer_browser: Client, web: Web
) -> None:
    fields = {"importer": "csv", "address": web.url("status/404")}

    text = importer_browser.post(PAGE, fields).content.decode()

    assert "It can&#x27;t be downloaded: Unexpected response status 404." in text


def test_the_page_says_what_is_going_on_and_asks_before_it_ends(
    importer_browser: Client,
) -> None:
    assert "An import is going on" not in text_of(importer_browser)
    running = ImportOperationFactory.create(
        status=Status.IMPORTING_MESSAGES, is_valid=True
    )

    text = text_of(importer_browser)
    assert str(running) in text
    assert "Importing messages" in text
    assert 'name="replaces"' in text

    refused = post(importer_browser)
    assert "Say whether the new one takes its place" in refused.content.decode()
    assert current() == running
    running.refresh_from_db()
    assert running.is_valid

    assert post(importer_browser, replaces=running.pk).status_code == 302
    running.refresh_from_db()
    assert not running.is_valid
    assert current().status == Status.PREPARING_STARTED


def test_agreeing_to_end_one_import_ends_no_other(importer_browser: Client) -> None:
    seen = ImportOperationFactory.create(status=Status.DONE)
    started_since = ImportOperationFactory.create(
        status=Status.IMPORTING_USERS, is_valid=True
    )

    post(importer_browser, replaces=seen.pk)

    started_since.refresh_from_db()
    assert started_since.is_valid


def test_an_import_that_is_over_is_in_nobodys_way(importer_browser: Client) -> None:
    ImportOperationFactory.create(status=Status.DONE, is_valid=True)

    assert "An import is going on" not in text_of(importer_browser)
    assert post(importer_browser).status_code == 302


def test_an_address_ends_no_import_without_being_asked(
    importer_browser: Client, web: Web
) -> None:
    running = ImportOperationFactory.create(
        status=Status.IMPORTING_USERS, is_valid=True
    )
    fields = {"importer": "csv", "address": web.url("ok")}

    importer_browser.post(PAGE, fields)

    running.refresh_from_db()
    assert running.is_valid
