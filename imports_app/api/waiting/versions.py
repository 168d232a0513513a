"""Versions of the data that clients wait for (`config.server.watching`).

Unlike the ETag of a view, a version need not identify the response. It only has to
change whenever the response of a view that names the topic changes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from accounts.models import AuthToken
from config.db.statements import Statement
from imports_app.api.operation_rows import LENGTH
from imports_app.health.progress import is_stalled
from imports_app.models import (
    EventOrder,
    FileDownload,
    ImportOperation,
    WorkspaceExport,
)

OPERATIONS: Final = "operations"
"""All operations: each change makes an operation the most recently updated one."""
EVENTS: Final = "events"
"""The events of all timelines."""
EXPORTS: Final = "exports"
"""All exports."""
_EXPORT: Final = "export "
_OPERATION: Final = "operation "
_FILES: Final = "files "
_CREDENTIALS: Final = "token "

_LATEST: Final = Statement(
    lambda: ImportOperation.objects.newest_first().values_list("id", "revision")[
        :LENGTH
    ]
)


def topic_of(operation: ImportOperation) -> str:
    """Return the topic of an operation."""
    return f"{_OPERATION}{operation.pk}"


def files_topic_of(operation: ImportOperation) -> str:
    """Return the topic of the download of an operation's linked files."""
    return f"{_FILES}{operation.pk}"


def export_topic_of(export: WorkspaceExport) -> str:
    """Return the topic of an export."""
    return f"{_EXPORT}{export.pk}"


def token_topic_of(token_id: int) -> str:
    """Return the topic of a token, which has a version as long as it can be used."""
    return f"{_CREDENTIALS}{token_id}"


def read_versions(topics: frozenset[str]) -> dict[str, str]:
    """Return the versions of topics. One query for each kind of topic."""
    versions = {}
    if OPERATIONS in topics:
        versions[OPERATIONS] = repr(_LATEST.rows())
    if EVENTS in topics:
        versions[EVENTS] = EventOrder.objects.version()
    if EXPORTS in topics:
        versions[EXPORTS] = WorkspaceExport.objects.version()
    if pks := _pks(topics, _EXPORT):
        rows = WorkspaceExport.objects.filter(pk__in=pks)
        for pk, revision in rows.values_list("pk", "revision"):
            versions[f"{_EXPORT}{pk}"] = str(revision)
    if pks := _pks(topics, _OPERATION):
        for row in ImportOperation.objects.for_versions(pks):
            versions[topic_of(row)] = f"{row.revision} {is_stalled(row)}"
    if pks := _pks(topics, _FILES):
        for download in FileDownload.objects.of_operations(pks):
            versions[f"{_FILES}{download.operation_id}"] = download.version
    if pks := _pks(topics, _CREDENTIALS):
        for pk in AuthToken.objects.valid_among(pks).values_list("pk", flat=True):
            versions[token_topic_of(pk)] = ""
    return versions


def _pks(topics: Iterable[str], prefix: str) -> list[int]:
    return [int(topic[len(prefix) :]) for topic in topics if topic.startswith(prefix)]
