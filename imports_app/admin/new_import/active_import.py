"""Notice about the active import on pages that start a new one."""

from __future__ import annotations

from typing import Any, Self

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from imports_app.admin import columns
from imports_app.admin.links import page_of
from imports_app.models import ImportOperation


def active_import_notice(operation: ImportOperation | None) -> dict[str, Any]:
    """Return the context of `active_import.html`."""
    if operation is None:
        return {"active_import": None}
    return {
        "active_import": operation,
        "active_import_name": columns.operation_name(operation),
        "active_import_page": page_of(operation),
        "active_import_badge": columns.badge_of(operation),
        "active_import_initiator": columns.initiator_name(operation),
    }


class ReplacingForm(forms.Form):
    """Form that asks for consent to cancel the active import."""

    replaces = forms.IntegerField(required=False)
    """Primary key of the active import, if the user agrees to cancel it."""

    def __init__(
        self, *args: Any, in_progress: ImportOperation | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.in_progress = in_progress

    @classmethod
    def of_request(cls, request: HttpRequest, *, replaces: bool = True) -> Self:
        """Return the form, empty if the request does not submit it.

        Args:
            request: The request.
            replaces: Whether the action cancels the active import.
        """
        in_progress = ImportOperation.objects.in_progress() if replaces else None
        data = request.POST if request.method == "POST" else None
        return cls(data, in_progress=in_progress)

    @property
    def may_replace(self) -> list[int]:
        """Primary keys of imports that the new one may replace."""
        replaces = self.cleaned_data["replaces"]
        return [] if replaces is None else [replaces]

    @property
    def has_agreed(self) -> bool:
        """Whether the checkbox was ticked, to keep it ticked after an error."""
        in_progress = self.in_progress
        return in_progress is not None and self["replaces"].value() == str(
            in_progress.pk
        )

    def clean_replaces(self) -> int | None:
        """Require consent if an import is active."""
        replaces: int | None = self.cleaned_data["replaces"]
        if self.in_progress is not None and replaces != self.in_progress.pk:
            raise forms.ValidationError(
                _(
                    "Another import is in progress."
                    " Confirm that the new import cancels it."
                )
            )
        return replaces
