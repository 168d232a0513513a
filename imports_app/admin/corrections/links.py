"""URLs of the pages that correct records."""

from __future__ import annotations

from urllib.parse import urlencode

from django.urls import reverse

_NAME = "admin:imports_app_importoperation_"


def correct_url(operation_id: int, key: str) -> str:
    """Return the URL of the page that corrects a record.

    Args:
        operation_id: The import.
        key: The record's key (`CorrectableRecord.key`).
    """
    return reverse(f"{_NAME}correct", args=[operation_id, key])


def place_url(operation_id: int, file: str, line: int | None) -> str:
    """Return the URL that leads to the page of a line of the source."""
    query = urlencode({"file": file, "line": "" if line is None else line})
    return f"{reverse(f'{_NAME}correct_place', args=[operation_id])}?{query}"


def messages_url(operation_id: int, **filters: str) -> str:
    """Return the URL of the list of messages that fail or depend on a guess."""
    address = reverse(f"{_NAME}messages", args=[operation_id])
    query = urlencode({name: value for name, value in filters.items() if value})
    return f"{address}?{query}" if query else address
