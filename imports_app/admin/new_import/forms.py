"""Forms for a new import: importer, file or URL, replacement of the active import."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from imports_app.admin.new_import.importer_choices import importer_choices
from imports_app.admin.new_import.upload_handler import RejectedUpload
from imports_app.models import ImportOperation

_IMPORTER_REQUIRED: Final = _("Select the source.")


class ReplacingForm(forms.Form):
    """Form that asks for consent to cancel the active import."""

    replaces = forms.IntegerField(required=False)
    """Primary key of the active import, if the user agrees to cancel it."""

    def __init__(
        self, *args: Any, in_progress: ImportOperation | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.in_progress = in_progress

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


class ImporterForm(ReplacingForm):
    """Form that selects an importer."""

    importer = forms.ChoiceField(
        error_messages={
            "required": _IMPORTER_REQUIRED,
            "invalid_choice": _IMPORTER_REQUIRED,
        }
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choices = importer_choices()
        field = self.fields["importer"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [(choice.key, choice.title) for choice in self.choices]


class UploadForm(ImporterForm):
    """Form with the metadata of a file, sent before or with the upload."""

    name = forms.CharField(strip=False)
    size = forms.IntegerField(min_value=0)
    """Size in bytes."""


class NewImportForm(ImporterForm):
    """Form of the new import page."""

    file = forms.FileField(required=False, allow_empty_file=True, max_length=255)
    address = forms.CharField(
        required=False, widget=UnfoldAdminTextInputWidget(attrs={"type": "url"})
    )
    """Not a URLField, which rejects hosts without a dot; the service validates it."""

    def clean_file(self) -> Any:
        """Reject a file that the upload handler could not store."""
        file = self.cleaned_data["file"]
        if isinstance(file, RejectedUpload):
            raise forms.ValidationError(file.error)
        return file

    def clean(self) -> dict[str, Any] | None:
        """Require either a file or a URL."""
        cleaned = super().clean()
        given = [name for name in ("file", "address") if self.cleaned_data.get(name)]
        if len(given) != 1 and not self.errors:
            self.add_error("file", _("Choose a file or enter a URL, not both."))
        return cleaned
