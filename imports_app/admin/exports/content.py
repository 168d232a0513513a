"""Content of the page of an export."""

from __future__ import annotations

from typing import Any, Final

from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from config.admin.formatting import format_number, format_time
from imports_app.admin.exports.forms import FILE_LABELS, format_label
from imports_app.exporters.base import FileMode
from imports_app.models import ExportState, Room, WorkspaceExport

STATE_COLORS: Final = {
    ExportState.WAITING: "info",
    ExportState.RUNNING: "info",
    ExportState.COMPLETED: "success",
    ExportState.FAILED: "danger",
    ExportState.CANCELLED: "warning",
    ExportState.EXPIRED: "default",
}
_PACE: Final = 1000
"""Milliseconds between two refreshes of the page of an active export."""
_MOST_NAMES: Final = 20
_MOST_ROOMS: Final = 200


def content_of(export: WorkspaceExport) -> dict[str, Any]:
    """Return what the page shows."""
    manifest: dict[str, Any] = export.manifest or {}
    rooms = manifest.get("rooms", [])
    state = ExportState(export.state).label
    return {
        "export": export,
        "heading": _("Export: %s") % format_label(export.format),
        "page_title": _("Export %(id)s: %(state)s")
        % {"id": export.public_id, "state": state},
        "state": state,
        "state_color": STATE_COLORS[ExportState(export.state)],
        "announcement": state,
        "pace": _PACE if export.is_active else 0,
        "percent": _percent_of(export),
        "progress": _progress_of(export),
        "facts": _facts_of(export),
        "archives": [_archive(export, one) for one in manifest.get("archives", [])],
        "all_archives": _download(export) if export.has_archives else "",
        "losses": [
            (one["what"], format_number(one["number"]))
            for one in manifest.get("notIncluded", [])
        ],
        "rooms": [
            (room["name"], format_number(room["messages"]))
            for room in rooms[:_MOST_ROOMS]
        ],
        "more_rooms": max(0, len(rooms) - _MOST_ROOMS),
    }


def selection_label(export: WorkspaceExport) -> str:
    """Return the description of the selection."""
    chosen: dict[str, Any] = export.selection
    parts = []
    if "rooms" in chosen:
        names = dict(
            Room.objects.filter(public_id__in=chosen["rooms"][:_MOST_NAMES])
            .order_by("pk")
            .values_list("public_id", "name")
        )
        found = [names.get(key) or key for key in chosen["rooms"]]
        parts.append(_("rooms %s") % _listed(found))
    if "users" in chosen:
        users = User.objects.filter(public_id__in=chosen["users"][:_MOST_NAMES])
        names = dict(users.values_list("public_id", "username"))
        found = [names.get(key) or key for key in chosen["users"]]
        parts.append(_("messages of %s") % _listed(found))
    if "since" in chosen:
        parts.append(_("from %s") % chosen["since"])
    if "until" in chosen:
        parts.append(_("to %s") % chosen["until"])
    if "operation" in chosen:
        parts.append(_("result of the import %s") % chosen["operation"])
    return "; ".join(parts) or _("Everything")


def _listed(names: list[str]) -> str:
    shown = ", ".join(names[:_MOST_NAMES])
    more = len(names) - _MOST_NAMES
    return (
        _("%(names)s and %(number)s more")
        % {
            "names": shown,
            "number": format_number(more),
        }
        if more > 0
        else shown
    )


def _percent_of(export: WorkspaceExport) -> int | None:
    if export.state != ExportState.RUNNING or not export.total:
        return None
    return min(99, 100 * export.done // export.total)


def _progress_of(export: WorkspaceExport) -> str:
    if export.state == ExportState.WAITING:
        return _("Waiting for a worker, usually a few seconds.")
    done = format_number(export.done)
    if export.total is None:
        return _("%s messages read") % done
    numbers = {"done": done, "total": format_number(export.total)}
    return _("%(done)s of %(total)s messages read") % numbers


def _facts_of(export: WorkspaceExport) -> list[tuple[str, Any]]:
    manifest: dict[str, Any] = export.manifest or {}
    facts: list[tuple[str, Any]] = [
        (_("Selection"), selection_label(export)),
        (_("Files and avatars"), FILE_LABELS[FileMode(export.files)]),
        (_("Started by"), export.starter or _("command line")),
        (_("Created"), format_time(export.created_at)),
    ]
    if export.finished_at is not None:
        facts.append((_("Finished"), format_time(export.finished_at)))
    if export.state == ExportState.COMPLETED:
        facts.append((_("Kept until"), format_time(export.expires_at)))
    for key, label in (
        ("users", _("Users")),
        ("messages", _("Messages")),
    ):
        if key in manifest:
            facts.append((label, format_number(manifest[key])))
    if export.size is not None:
        facts.append((_("Size"), filesizeformat(export.size)))
    if export.written_to:
        facts.append((_("Written to"), export.written_to))
    return facts


def _archive(export: WorkspaceExport, archive: dict[str, Any]) -> dict[str, Any]:
    link = f"{_download(export)}?part={archive['file']}" if export.has_archives else ""
    return {
        "name": archive["file"],
        "messages": format_number(archive["messages"]),
        "size": filesizeformat(archive["bytes"]),
        "digest": archive["sha256"],
        "link": link,
    }


def _download(export: WorkspaceExport) -> str:
    page = "admin:imports_app_workspaceexport_download_page"
    return reverse(page, args=[export.pk])
