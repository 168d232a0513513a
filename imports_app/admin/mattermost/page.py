"""What the page of an import into Mattermost shows."""

from __future__ import annotations

from typing import Any, Final

from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from config.admin.formatting import format_time
from imports_app.models import MattermostImport, MattermostImportState, MattermostPhase

COLORS: Final = {
    MattermostImportState.WAITING: "info",
    MattermostImportState.RUNNING: "info",
    MattermostImportState.COMPLETED: "success",
    MattermostImportState.FAILED: "danger",
    MattermostImportState.CANCELLED: "warning",
}
_TONES: Final = {
    MattermostImportState.COMPLETED: "good",
    MattermostImportState.FAILED: "bad",
    MattermostImportState.CANCELLED: "mixed",
}
_MEANINGS: Final = {
    MattermostImportState.WAITING: _("Waiting for a worker, usually a few seconds."),
    MattermostImportState.RUNNING: _(
        "The import is in progress. You can close this page; it continues."
    ),
    MattermostImportState.COMPLETED: _("Mattermost has imported the archive."),
    MattermostImportState.FAILED: _(
        "The import has stopped. What Mattermost imported is kept there."
    ),
    MattermostImportState.CANCELLED: _(
        "The import was cancelled here. If Mattermost had already started it, it"
        " continues there."
    ),
}


def context_of(job: MattermostImport) -> dict[str, Any]:
    """Return the context of the page's template."""
    state = MattermostImportState(job.state)
    is_running = state == MattermostImportState.RUNNING
    percent = job.bytes_sent * 100 // job.bytes_total if job.bytes_total else 100
    return {
        "job": job,
        "tone": _TONES.get(state, ""),
        "state_label": job.get_state_display(),
        "state_color": COLORS[state],
        "meaning": _MEANINGS[state],
        "percent": percent,
        "progress": f"{filesizeformat(job.bytes_sent)} / "
        f"{filesizeformat(job.bytes_total)}",
        "is_importing": is_running and job.phase == MattermostPhase.IMPORTING,
        "export_page": job.export
        and reverse("admin:imports_app_workspaceexport_change", args=[job.export.pk]),
        "facts": _facts_of(job),
    }


def _facts_of(job: MattermostImport) -> list[tuple[Any, Any]]:
    facts: list[tuple[Any, Any]] = [
        (_("Server"), f"{job.server} ({job.server.base_address})"),
        (_("Archive"), job.archive),
        (_("SHA-256"), job.digest),
        (_("Started by"), job.starter or _("deleted user")),
        (_("Created"), format_time(job.created_at)),
    ]
    if job.started_at is not None:
        facts.append((_("Started"), format_time(job.started_at)))
    if job.finished_at is not None:
        facts.append((_("Finished"), format_time(job.finished_at)))
    return facts
