"""Imports, what people read of them, and the log itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

from django.conf import settings
from django.test import override_settings
from django.urls import reverse

from accounts.activity.sealing import seal_pending
from imports_app.models import ImportOperation, ImportRecord
from tests.fakes.rocketchat import FakeRocketChat, serving
from tests.imports_app.api.importing import SMALL, imported, packed, staged
from tests.imports_app.engine.test_deliveries import server_of
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
    Action.DOWNLOADED,
    BROWSER,
    "import",
    "team.zip (<id>)",
    details=("'file': 'failures-",),
)
def download_failures_by_browser(world: World) -> None:
    operation = imported(world.importer)
    answer = world.browser.get(_operation_page("failures_page", operation))
    assert b"".join(answer)


@produces(
    Action.DOWNLOADED, API, "import", "team.zip (<id>)", details=("'file': 'failures-",)
)
def download_failures_by_api(world: World) -> None:
    operation = imported(world.importer)
    address = f"importOperations/{operation.public_id}/failures.zip"
    assert b"".join(world.api.get(address))


@produces(Action.EXPORTED, BROWSER, "activity_log", "q=paula")
def export_the_log_by_browser(world: World) -> None:
    page = reverse("admin:accounts_activityentry_export")
    assert b"".join(world.browser.get(page, {"q": "paula"}))


@produces(Action.STARTED, BROWSER, "import", "team.zip (<id>)", details=("team.zip'",))
def start_by_browser(world: World) -> None:
    operation = staged(world.importer)
    form = {"do": "start", "revision": operation.revision}
    world.browser.post(_operation_page("select_page", operation), form)


@produces(Action.STARTED, API, "import", "team.zip (<id>)", details=("team.zip'",))
def start_by_api(world: World) -> None:
    staged(world.importer)
    selection = {"users": {"all": True}, "channels": {"all": True}}
    world.api.post("startImport", {"input": selection})


@produces(Action.STARTED, OPERATOR, "import", "team.zip (<id>)", author="ivan")
def start_by_command(world: World) -> None:
    path = Path(settings.DATA_DIR) / "team.zip"
    path.write_bytes(packed(SMALL))
    world.command("import_file", str(path), importer="csv", user="ivan", all=True)


@produces(
    Action.CANCELLED, BROWSER, "import", "team.zip (<id>)", details=("team.zip'",)
)
def cancel_by_browser(world: World) -> None:
    operation = staged(world.importer)
    world.browser.post(_operation_page("cancel_page", operation))


@produces(Action.CANCELLED, API, "import", "team.zip (<id>)", details=("team.zip'",))
def cancel_by_api(world: World) -> None:
    operation = staged(world.importer)
    world.api.post(f"importOperations/{operation.public_id}/cancel")


@produces(Action.CANCELLED, OPERATOR, "delivery", "<id> (team)")
def discard_a_delivery_by_command(world: World) -> None:
    with (
        serving(FakeRocketChat()) as fake,
        override_settings(SERVER_ALLOWED_HOSTS=["127.0.0.1"]),
        patch("builtins.input", return_value="n"),
    ):
        server_of(fake)
        world.command("deliver", "team")


@produces(Action.PRUNED, OPERATOR, "activity_log", "entries 1 to 1")
def prune_by_command(world: World) -> None:
    world.api.post("roles.create", {"name": "made"})
    seal_pending()
    with override_settings(ACTIVITY_RETENTION_DAYS=-1):  # everything is old
        world.command("prune")


def _staged_for_a_match(world: World) -> ImportOperation:
    return staged(world.importer, packed({"users.csv": "newcomer,,Newcomer\n"}))


def _match(world: World) -> dict[str, Any]:
    """Return decisions that match the newcomer with Paula."""
    target = {"id": world.paula.public_id}
    decision = {"id": "newcomer", "action": "match", "user": target}
    return {"format": "import-decisions", "version": 1, "users": [decision]}


_MATCHED: Final[dict[str, Any]] = {
    "subject": "user",
    "name": "paula",
    "details": ("'matched import ID'",),
}
_DECIDED: Final[dict[str, Any]] = {
    "subject": "import",
    "name": "team.zip (<id>)",
    "details": ("'decisions added': 1",),
}


@produces(Action.CHANGED, BROWSER, **_MATCHED)
@produces(Action.CHANGED, BROWSER, **_DECIDED)
def decide_by_browser(world: World) -> None:
    operation = _staged_for_a_match(world)
    record = ImportRecord.objects.get(operation=operation, kind="user")
    page = _operation_page("decide", operation)
    form = {"do": f"match {world.paula.public_id}"}
    world.browser.post(f"{page}?record={record.pk}", form)


@produces(Action.CHANGED, API, **_MATCHED)
@produces(Action.CHANGED, API, **_DECIDED)
def decide_by_api(world: World) -> None:
    operation = _staged_for_a_match(world)
    world.api.put(f"importOperations/{operation.public_id}/decisions", _match(world))


@produces(Action.CHANGED, OPERATOR, author="ivan", **_MATCHED)
@produces(Action.CHANGED, OPERATOR, author="ivan", **_DECIDED)
def decide_by_command(world: World) -> None:
    folder = Path(settings.DATA_DIR)
    source, mapping = folder / "team.zip", folder / "decisions.json"
    source.write_bytes(packed({"users.csv": "newcomer,,Newcomer\n"}))
    mapping.write_text(json.dumps(_match(world)))
    options = {"importer": "csv", "user": "ivan", "mapping": mapping}
    world.command("import_file", str(source), **options)


@produces(
    Action.CHANGED, BROWSER, "import", "team.zip (<id>)", details=("decisions removed",)
)
def remove_a_decision_by_browser(world: World) -> None:
    operation = _staged_for_a_match(world)
    path = f"importOperations/{operation.public_id}/decisions"
    world.importer.put(path, _match(world))
    page = _operation_page("decisions", operation)
    world.browser.post(page, {"do": "remove user newcomer"})
