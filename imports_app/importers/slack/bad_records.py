"""Failed and skipped records of Slack elements that can't be imported."""

from __future__ import annotations

from typing import Any, Final

from imports_app.importers.slack.messages import not_an_object
from imports_app.records import BadRecord, Kind
from imports_app.sources.json_streams import (
    DamagedElement,
    DamagedJsonError,
    excerpt_of,
    text_of,
)

_MISSING_ID: Final = {
    Kind.USER: "importer-user-missing-import-id",
    Kind.CHANNEL: "importer-channel-missing-import-id",
}
_NOUNS: Final = {Kind.USER: "user", Kind.CHANNEL: "room"}


def malformed(kind: Kind, element: Any) -> BadRecord:
    """Return the failed record of an element that is not an object."""
    return BadRecord(
        kind=kind,
        cells=(excerpt_of(element, 200),),
        code="importer-record-malformed",
        message=not_an_object(element),
    )


def unreadable(kind: Kind, element: DamagedElement) -> BadRecord:
    """Return the failed record of an element with invalid bytes."""
    return BadRecord(
        kind=kind,
        cells=(str(element),),
        code="importer-json-damaged",
        message=f'The record that begins with "{excerpt_of(element)}" is not valid'
        " UTF-8. Export the file again, or correct it.",
    )


def rejoined(element: dict[str, Any], main: str) -> BadRecord:
    """Return the skipped record of a user who rejoined as another user."""
    return BadRecord(
        kind=Kind.USER,
        cells=(text_of(element.get("name")), text_of(element.get("id"))),
        code="importer-user-rejoined",
        message=f"The user {main} has the same e-mail address. Both become one user.",
        is_left_out=True,
    )


def without_id(kind: Kind, title: str) -> BadRecord:
    """Return the failed record of a user or room without an ID."""
    return BadRecord(
        kind=kind,
        cells=(title,),
        code=_MISSING_ID[kind],
        message=f"The {_NOUNS[kind]} has no ID. Export the workspace again.",
    )


def damaged(kind: Kind, error: DamagedJsonError) -> BadRecord:
    """Return the failed record of the rest of a damaged file."""
    return BadRecord(
        kind=kind,
        cells=(),
        code="importer-json-damaged",
        message=f"The rest of the file can't be read: {error}. Export the file again.",
    )
