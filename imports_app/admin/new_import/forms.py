"""Forms for a new import: importer, file or URL, replacement of the active import."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from imports_app.admin.new_import.active_import import ReplacingForm
from imports_app.admin.new_import.importer_choices import importer_choices
from imports_app.admin.new_import.upload_handler import RejectedUpload

_IMPORTER_REQUIRED: Final = _("Select the source.")


class ImporterForm(ReplacingForm):
    """Form that selects an importer."""

    importer = forms.ChoiceField(
        error_messages={
            "required": _IMPORTER_REQUIRED,
            "invalid_choice": _IMPORTER_REQUIRED,
        }
    )

    can_detect = False
    """Whether the importer is optional, because it can be detected."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choices = importer_choices()
        field = self.fields["importer"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [(choice.key, choice.title) for choice in self.choices]


class DetectingForm(ImporterForm):
    """Form in which the importer is detected by the content unless one is selected."""

    can_detect = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["importer"].required = False


class UploadForm(DetectingForm):
    """Form with the metadata of a file, sent before the upload."""

    name = forms.CharField(strip=False)
    size = forms.IntegerField(min_value=0)
    """Size in bytes."""
    modified = forms.IntegerField(min_value=-(10**15), max_value=10**15)
    """Last change of the file in milliseconds since 1970."""
    type = forms.CharField(required=False)
    """Media type."""


class ImportUploadForm(DetectingForm):
    """Form that starts the import of a complete upload."""

    sha256 = forms.RegexField(r"^[0-9a-f]{64}$")
    """Digest of the file, computed by the browser."""


class NewImportForm(DetectingForm):
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
        elif given == ["address"] and not self.cleaned_data.get("importer"):
            self.add_error(
                "importer",
                _("Select the importer. It can't be detected before the download."),
            )
        return cleaned
