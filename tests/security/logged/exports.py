"""Exports: start, end, download and deletion."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.urls import reverse

from imports_app.models import Server, WorkspaceExport
from tests.factories import ServerFactory
from tests.security.logged.cases import Action, produces
from tests.security.logged.world import API, BROWSER, OPERATOR, World
from tests.working import work

_EXPORT: Final[dict[str, Any]] = {"subject": "message", "name": "export <id> (slack)"}


def _start(world: World) -> str:
    """Start an export, and return its path."""
    answer = world.api.post("exports", {"format": "slack"}).json()
    return f"exports/{answer['export']['id']}"


@produces(Action.STARTED, API, **_EXPORT)
def start_by_api(world: World) -> None:
    _start(world)


@produces(Action.STARTED, BROWSER, **_EXPORT)
def start_by_browser(world: World) -> None:
    page = reverse("admin:imports_app_workspaceexport_add")
    world.browser.post(page, {"format": "slack", "file_mode": "none"})


@produces(Action.EXPORTED, OPERATOR, **_EXPORT)
def export_by_command(world: World) -> None:
    folder = Path(settings.DATA_DIR) / "out"
    world.command("export", str(folder))
    shutil.rmtree(folder)


@produces(Action.EXPORTED, API, "message", "import into Mattermost <id>")
def send_to_mattermost_by_api(world: World) -> None:
    options = {"team": "acme", "mailDomain": "example.org"}
    world.api.post("exports", {"format": "mattermost", **options})
    work()
    ServerFactory.create(name="chat", kind=Server.Kind.MATTERMOST)
    export = WorkspaceExport.objects.get()
    body = {"export": export.public_id, "server": "chat"}
    world.api.post("mattermostImports", body)


@produces(Action.DOWNLOADED, API, **_EXPORT, details=("part-001.zip",))
def download_by_api(world: World) -> None:
    path = _start(world)
    work()
    b"".join(world.api.get(f"{path}/file").streaming_content)


@produces(Action.CANCELLED, BROWSER, **_EXPORT)
def cancel_by_browser(world: World) -> None:
    _start(world)
    export = WorkspaceExport.objects.get()
    page = "admin:imports_app_workspaceexport_cancel_page"
    world.browser.post(reverse(page, args=[export.pk]))


@produces(Action.DELETED, API, **_EXPORT)
def delete_by_api(world: World) -> None:
    world.api.request("DELETE", _start(world))
