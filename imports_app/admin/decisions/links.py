"""URLs of the pages of decisions."""

from __future__ import annotations

from django.urls import reverse

from imports_app.models import ImportOperation

_NAME = "admin:imports_app_importoperation_"


def decide_url(operation: ImportOperation, query: str) -> str:
    """Return the URL of the page that decides about a record.

    Args:
        operation: The import.
        query: Query string of the view of the selection page to go back to, with the
            key of the staged record as `record`.
    """
    return reverse(f"{_NAME}decide", args=[operation.pk]) + query


def decisions_url(operation: ImportOperation, page: str = "decisions") -> str:
    """Return the URL of the list of decisions, or of the file."""
    return reverse(f"{_NAME}{page}", args=[operation.pk])
