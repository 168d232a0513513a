"""Rooms that are archived in the source and exist already."""

from __future__ import annotations

from dataclasses import replace

from django.core.management import call_command
from django.test import Client

from accounts.models import User
from imports_app.models import ImportOperation, Room
from imports_app.selection.rules import EVERYTHING, Selection
from tests.conftest import ApiClient
from tests.imports_app.engine.converting import convert, notes, outcomes, room, stage
from tests.working import work

LIVE, ARCHIVED = room("news"), room("news", is_archived=True)
CODE = "importer-room-stays-active"


def is_archived() -> bool:
    return Room.objects.get(name="news").is_archived


def test_an_existing_room_stays_active_and_is_reported(admin_user: User) -> None:
    convert(admin_user, LIVE)

    operation = convert(admin_user, ARCHIVED)

    assert not is_archived()
    assert outcomes(operation) == [("unchanged", CODE)]
    assert "stays active here" in notes(operation)
    assert operation.report["warnings"][CODE]["count"] == 1


def test_a_new_room_is_archived_as_in_the_source(admin_user: User) -> None:
    operation = convert(admin_user, ARCHIVED, ARCHIVED)

    assert is_archived()
    assert CODE not in operation.report["warnings"]


def test_an_existing_room_is_archived_if_requested(admin_user: User) -> None:
    convert(admin_user, LIVE)

    operation = convert(
        admin_user, ARCHIVED, selection=replace(EVERYTHING, archives_existing=True)
    )
    again = convert(admin_user, ARCHIVED)

    assert is_archived()
    assert outcomes(operation) == [("updated", "")]
    assert outcomes(again) == [("unchanged", "")]


def test_the_choice_is_kept_with_the_selection() -> None:
    chosen = replace(EVERYTHING, archives_existing=True)

    assert Selection.from_json(chosen.as_json()) == chosen
    assert Selection.from_json(EVERYTHING.as_json()) == EVERYTHING


def test_the_api_takes_the_choice(admin_api: ApiClient) -> None:
    assert admin_api.user is not None
    convert(admin_api.user, LIVE)
    stage(admin_api.user, ARCHIVED)

    body = {"input": {"channels": {"all": True}}, "archiveExisting": True}
    assert admin_api.post("startImport", body).json() == {"success": True}
    work()

    assert is_archived()


def test_the_review_page_takes_the_choice(
    importer_browser: Client, importer_user: User
) -> None:
    convert(importer_user, LIVE)
    operation = stage(importer_user, ARCHIVED)
    page = f"/admin/imports_app/importoperation/{operation.pk}/select/"
    assert "Archive rooms" in importer_browser.get(page).content.decode()

    importer_browser.post(page, {"do": "archive-existing"})

    assert "Keep rooms active" in importer_browser.get(page).content.decode()
    operation.refresh_from_db()
    assert Selection.from_json(operation.selection).archives_existing
    importer_browser.post(page, {"do": "keep-existing"})
    operation.refresh_from_db()
    assert not Selection.from_json(operation.selection).archives_existing


def test_the_command_takes_the_choice(admin_user: User, tmp_path: object) -> None:
    arguments = {"all": True, "wait": True, "archive_existing": True}
    path = f"{tmp_path}/users.csv"
    with open(path, "w", encoding="utf-8") as file:
        file.write("ann,ann@example.org,Ann\n")

    call_command("import_file", path, importer="csv", **arguments)

    operation = ImportOperation.objects.get()
    assert Selection.from_json(operation.selection).archives_existing
