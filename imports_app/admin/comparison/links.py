"""URLs of comparisons."""

from __future__ import annotations

from django.urls import reverse
from django.utils.http import urlencode

from imports_app.models import ImportOperation


def comparison_of(left: ImportOperation, right: ImportOperation) -> str:
    """Return the URL of the comparison of two operations, which can be shared."""
    page = reverse("admin:imports_app_importoperation_compare")
    return f"{page}?{urlencode({'a': left.public_id, 'b': right.public_id})}"


def compare_link(operation: ImportOperation) -> str | None:
    """Return the URL of the comparison with the previous import of the same importer.

    Takes one query. Returns `None` for the first import of the importer.
    """
    previous = ImportOperation.objects.previous_to(operation)
    return None if previous is None else comparison_of(previous, operation)
