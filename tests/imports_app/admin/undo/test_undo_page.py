"""Page that previews and starts an undo."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from imports_app.models import ImportOperation, Message, Room
from imports_app.services import undo as undo_services
from imports_app.services.uploading.uploads import stored_name
from imports_app.statuses import UndoState
from tests.conftest import ApiClient
from tests.factories import ImportOperationFactory
from tests.imports_app.engine.converting import convert, message, room, stage, user
from tests.working import work

ANN = user("ann", username="ann")


def page_of(operation: ImportOperation, step: str = "change") -> str:
    return reverse(f"admin:imports_app_importoperation_{step}", args=[operation.pk])


def text_of(browser: Client, url: str, **options: Any) -> str:
    return " ".join(browser.get(url, **options).content.decode().split())


def test_previews_then_undoes(admin_browser: Client, admin_user: User) -> None:
    operation = convert(admin_user, ANN, room("news"), message("c-news", "ann", "x"))
    assert page_of(operation, "undo_page") in text_of(admin_browser, page_of(operation))

    shown = text_of(admin_browser, page_of(operation, "undo_page"))
    assert 'data-name="Removed">1<' in shown
    assert Message.objects.exists()
    admin_browser.post(page_of(operation, "undo_page"))
    undo = ImportOperation.objects.undos().get()
    assert "A worker is undoing" in text_of(admin_browser, page_of(undo)) or (
        "Waiting for a worker" in text_of(admin_browser, page_of(undo))
    )
    work()

    assert not Room.objects.exists()
    done = text_of(admin_browser, page_of(undo))
    assert "Everything that the import created or changed is undone." in done
    undone = text_of(admin_browser, page_of(operation))
    assert "This import was undone" in undone
    assert "Undone by" in undone
    assert "Undo started" in undone
    listed = text_of(admin_browser, "/admin/imports_app/importoperation/?status=undone")
    assert operation.public_id in listed


def test_previews_large_imports_in_limited_time(
    admin_browser: Client,
    admin_api: ApiClient,
    admin_user: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(undo_services, "PREVIEW_SECONDS", 0.0)
    operation = convert(admin_user, ANN, room("news"), message("c-news", "ann", "x"))

    shown = text_of(admin_browser, page_of(operation, "undo_page"))
    assert "Not checked yet, because the import is large: 1 room, 1 user." in shown
    preview = admin_api.get(f"importOperations/{operation.public_id}/undo").json()

    assert preview["preview"] == {
        "removed": {"message": 1},
        "restored": {},
        "kept": [],
        "unchecked": {"channel": 1, "user": 1},
    }


def test_names_what_is_kept_and_why(admin_browser: Client, admin_user: User) -> None:
    operation = convert(admin_user, room("news"))
    later = convert(admin_user, room("news"))
    later.file_name = stored_name(later, "march.zip")
    later.save()
    used = f"Used by the later import 'march.zip' ({later.public_id})."

    shown = text_of(admin_browser, page_of(operation, "undo_page"))

    assert used in shown.replace("&#x27;", "'")

    admin_browser.post(page_of(operation, "undo_page"))
    work()

    undo = ImportOperation.objects.undos().get()
    done = text_of(admin_browser, page_of(undo))
    assert "Finished. Some data was kept." in done
    kept = done[done.index("Kept data by reason") :]
    assert used in kept.replace("&#x27;", "'")
    assert "This import was partly undone." in text_of(
        admin_browser, page_of(operation)
    )


def test_asks_before_it_cancels_another_import(
    admin_browser: Client, admin_user: User
) -> None:
    operation = convert(admin_user, room("news"))
    waiting = stage(admin_user, room("lab"))
    url = page_of(operation, "undo_page")

    answer = admin_browser.post(url)

    assert not ImportOperation.objects.undos().exists()
    assert "Cancel it and start this import" in answer.content.decode()
    assert 'data-name="Removed">1<' in answer.content.decode()
    admin_browser.post(url, {"replaces": waiting.pk})
    assert ImportOperation.objects.undos().exists()


def test_says_why_an_import_cant_be_undone(admin_browser: Client) -> None:
    operation = ImportOperationFactory.create(undo_state=UndoState.EXPIRED)

    shown = text_of(admin_browser, page_of(operation, "undo_page"), follow=True)

    assert "The journal of the import was deleted" in shown
    assert "Undo import" not in shown


def test_requires_the_permission_to_run_imports(
    viewer_browser: Client, admin_user: User
) -> None:
    operation = convert(admin_user, room("news"))
    url = page_of(operation, "undo_page")

    assert viewer_browser.get(url).status_code == 403
    assert viewer_browser.post(url).status_code == 403
    assert Room.objects.exists()
