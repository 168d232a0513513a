"""Imports, what people read of them, and the log itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.test import override_settings
from django.urls import reverse

from accounts.activity.sealing import seal_pending
from imports_app.models import ImportOperation
from tests.imports_app.api.importing import SMALL, imported, packed, staged
from tests.security.logged.cases import Action, produces
from tests.security.logged.world import API, BROWSER, OPERATOR, World
from tests.workspace import room_of, say


def _page(name: str, *arguments: Any) -> str:
    return reverse(f"admin:imports_app_{name}", args=arguments)


def _operation_page(name: str, operation: ImportOperation) -> str:
    return _page(f"importoperation_{name}", operation.pk)


@produces(Action.VIEWED, BROWSER, "room", "#general (<id>)")
def read_a_room_by_browser(world: World) -> None:
    room = room_of(world.paula, name="general")
    say(room, world.paula, "hello")
    world.browser.get(_page("room_conversation_page", room.pk))


@produces(Action.SEARCHED, BROWSER, "message", "q: salary")
def search_by_browser(world: World) -> None:
    world.browser.get(_page("message_changelist"), {"q": "salary"})


@produces(
    Action.DOWNLOADED, BROWSER, "import", "CSV <id>", details=("'file': 'failures-",)
)
def download_failures_by_browser(world: World) -> None:
    operation = imported(world.importer)
    answer = world.browser.get(_operation_page("failures_page", operation))
    assert b"".join(answer)


@produces(Action.DOWNLOADED, API, "import", "CSV <id>", details=("'file': 'failures-",))
def download_failures_by_api(world: World) -> None:
    operation = imported(world.importer)
    address = f"importOperations/{operation.public_id}/failures.zip"
    assert b"".join(world.api.get(address))


@produces(Action.EXPORTED, BROWSER, "activity_log", "q=paula")
def export_the_log_by_browser(world: World) -> None:
    page = reverse("admin:accounts_activityentry_export")
    assert b"".join(world.browser.get(page, {"q": "paula"}))


@produces(Action.STARTED, BROWSER, "import", "CSV <id>", details=("team.zip'",))
def start_by_browser(world: World) -> None:
    operation = staged(world.importer)
    form = {"do": "start", "revision": operation.revision}
    world.browser.post(_operation_page("select_page", operation), form)


@produces(Action.STARTED, API, "import", "CSV <id>", details=("team.zip'",))
def start_by_api(world: World) -> None:
    staged(world.importer)
    selection = {"users": {"all": True}, "channels": {"all": True}}
    world.api.post("startImport", {"input": selection})


@produces(Action.STARTED, OPERATOR, "import", "CSV <id>", author="ivan")
def start_by_command(world: World) -> None:
    path = Path(settings.DATA_DIR) / "team.zip"
    path.write_bytes(packed(SMALL))
    world.command("import_file", str(path), importer="csv", user="ivan", all=True)


@produces(Action.CANCELLED, BROWSER, "import", "CSV <id>", details=("team.zip'",))
def cancel_by_browser(world: World) -> None:
    operation = staged(world.importer)
    world.browser.post(_operation_page("cancel_page", operation))


@produces(Action.CANCELLED, API, "import", "CSV <id>", details=("team.zip'",))
def cancel_by_api(world: World) -> None:
    operation = staged(world.importer)
    world.api.post(f"importOperations/{operation.public_id}/cancel")


@produces(Action.PRUNED, OPERATOR, "activity_log", "entries 1 to 1")
def prune_by_command(world: World) -> None:
    world.api.post("roles.create", {"name": "made"})
    seal_pending()
    with override_settings(ACTIVITY_RETENTION_DAYS=-1):  # everything is old
        world.command("prune")
