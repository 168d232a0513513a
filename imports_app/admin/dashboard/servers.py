"""Panel of the dashboard with the connected servers."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.urls import reverse

from imports_app.admin.columns import label_html, original_file_name, progress_bar
from imports_app.admin.servers.admin import COLORS, state_of
from imports_app.admin.servers.labels import label_of
from imports_app.models import MirroredOperation, Server, ServerPoll
from imports_app.reports.importer_labels import importer_label


def server_rows(*, shows_imports: bool) -> list[dict[str, Any]]:
    """Return the connected servers with their state and running imports.

    Args:
        shows_imports: Whether the user may view imports.
    """
    servers = list(Server.objects.select_related("poll"))
    polls = (ServerPoll.of(server) for server in servers)
    is_active = any(poll is not None and poll.is_active for poll in polls)
    running = _running_imports() if shows_imports and is_active else {}
    return [_row(server, running.get(server.pk, [])) for server in servers]


def _row(server: Server, running: list[dict[str, Any]]) -> dict[str, Any]:
    color, text = state_of(server)
    poll = ServerPoll.of(server)
    return {
        "name": server.name,
        "href": reverse("admin:imports_app_server_change", args=[server.pk]),
        "badge": label_html(text, COLORS[color]),
        "error": poll.error if poll is not None else "",
        "running": running,
    }


def _running_imports() -> dict[int, list[dict[str, Any]]]:
    """Return the imports in progress by key of their server."""
    found: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
    for operation in MirroredOperation.objects.running().without_large_fields():
        page = "admin:imports_app_mirroredoperation_change"
        found[operation.server_id].append(
            {
                "href": reverse(page, args=[operation.pk]),
                "name": original_file_name(operation)
                or importer_label(operation.importer_key, operation.importer_name),
                "status": label_of(operation.status),
                "progress": progress_bar(operation) if operation.count_total else "",
            }
        )
    return found
