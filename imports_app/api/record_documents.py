"""JSON documents of records and their corrections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.api.wire import JSONDict, drop_none, iso_ms
from imports_app.services.corrections.records import can_correct, key_of

if TYPE_CHECKING:
    from imports_app.models import Correction, ImportRecord
    from imports_app.services.corrections.messages import ListedMessage
    from imports_app.services.corrections.records import CorrectableRecord


def record(row: ImportRecord, corrected: Correction | None = None) -> JSONDict:
    """Return a record with its outcome.

    Args:
        row: The record.
        corrected: Its correction, if there is one.
    """
    return drop_none(
        {
            "key": key_of(row, corrected),
            "kind": row.kind,
            "importId": row.import_id,
            "outcome": row.outcome,
            "code": row.code or None,
            "message": row.message or None,
            "file": row.source_file or None,
            "line": row.source_line,
            "guess": row.guess or None,
            "correctedAt": corrected and iso_ms(corrected.made_at),
        }
    )


def correction(found: CorrectableRecord) -> JSONDict:
    """Return the original and the corrected values of a record."""
    made, row = found.correction, found.record
    return drop_none(
        {
            "key": found.key,
            "kind": row.kind,
            "file": row.source_file or None,
            "line": row.source_line,
            "columns": list(found.columns),
            "original": found.original_cells,
            "cells": found.cells,
            "revision": found.revision,
            "correctable": can_correct(found.operation, row),
            "correctedAt": made and iso_ms(made.made_at),
            "correctedBy": (made and made.made_by) or None,
        }
    )


def listed_message(one: ListedMessage) -> JSONDict:
    """Return a message that will fail, or that depends on a guess."""
    return drop_none(
        {
            "key": one.key,
            "room": one.message.room,
            "author": one.message.author,
            "text": one.message.text,
            "code": one.code,
            "file": one.file or None,
            "line": one.line,
        }
    )
