"""URLs of the admin pages of an operation."""

from __future__ import annotations

from urllib.parse import urlencode

from django.urls import reverse

from imports_app.models import ImportOperation


def page_of(operation: ImportOperation) -> str:
    """Return the URL of an operation's page."""
    return reverse("admin:imports_app_importoperation_change", args=[operation.pk])


def step_of(operation: ImportOperation, step: str) -> str:
    """Return the URL of one of an operation's other pages, such as `cancel`."""
    page = f"admin:imports_app_importoperation_{step}_page"
    return reverse(page, args=[operation.pk])


def records_of(operation: ImportOperation, **filters: str) -> str:
    """Return the URL of the list of an operation's records, with filters."""
    query = {"operation__id__exact": operation.pk, **filters}
    page = reverse("admin:imports_app_importrecord_changelist")
    return f"{page}?{urlencode(query)}"
