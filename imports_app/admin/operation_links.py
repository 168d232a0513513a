"""Where pages about operations lead to."""

from __future__ import annotations

from django.urls import reverse

from imports_app.models import ImportOperation


def page_of(operation: ImportOperation) -> str:
    """Return the address of an operation's page."""
    return reverse("admin:imports_app_importoperation_change", args=[operation.pk])
