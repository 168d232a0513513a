"""Where operations are compared."""

from __future__ import annotations

from django.urls import reverse
from django.utils.http import urlencode

from imports_app.models import ImportOperation


def comparison_of(left: ImportOperation, right: ImportOperation) -> str:
    """Return the address at which two operations are compared; it can be shared."""
    page = reverse("admin:imports_app_importoperation_compare")
    return f"{page}?{urlencode({'a': left.public_id, 'b': right.public_id})}"


def compare_link(operation: ImportOperation) -> str | None:
    """Return where an operation is compared with its importer's last one before it.

    One query; `None` if it is the importer's first.
    """
    before = ImportOperation.objects.previous_to(operation)
    return None if before is None else comparison_of(before, operation)
