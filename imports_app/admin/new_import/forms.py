"""What people fill in for a new import: a file, or an address."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from imports_app.admin.new_import.importer_choices import importer_choices
from imports_app.admin.new_import.upload_handler import RejectedUpload
from imports_app.models import ImportOperation

_CHOOSE: Final = _("Choose what it is.")


class ReplacingForm(forms.Form):
    """What a new import may take the place of."""

    replaces = forms.IntegerField(required=False)
    """The key of the operation that is going on, if it may be ended."""

    def __init__(
        self, *args: Any, in_progress: ImportOperation | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.in_progress = in_progress

    @property
    def may_replace(self) -> list[int]:
        """What was agreed to."""
        replaces = self.cleaned_data["replaces"]
        return [] if replaces is None else [replaces]

    @property
    def has_agreed(self) -> bool:
        """Whether the box was ticked that asks it, to show it so again."""
        in_progress = self.in_progress
        return in_progress is not None and self["replaces"].value() == str(
            in_progress.pk
        )

    def clean_replaces(self) -> int | None:
        """Want to be told that what is going on may be ended."""
        replaces: int | None = self.cleaned_data["replaces"]
        if self.in_progress is not None and replaces != self.in_progress.pk:
            raise forms.ValidationError(
                _("An import is going on. Say whether the new one takes its place.")
            )
        return replaces


class ImporterForm(ReplacingForm):
    """Who is to read it, and what it may take the place of."""

    importer = forms.ChoiceField(
        error_messages={"required": _CHOOSE, "invalid_choice": _CHOOSE}
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choices = importer_choices()
        field = self.fields["importer"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [(one.key, one.title) for one in self.choices]


class UploadForm(ImporterForm):
    """What is told of a file before it is sent, or along with it."""

    name = forms.CharField(strip=False)
    size = forms.IntegerField(min_value=0)
    """Bytes."""


class NewImportForm(ImporterForm):
    """Who is to read what."""

    file = forms.FileField(required=False, allow_empty_file=True, max_length=255)
    address = forms.CharField(
        required=False, widget=UnfoldAdminTextInputWidget(attrs={"type": "url"})
    )
    """Not a URLField, which knows no hosts without a dot; the service checks it."""

    def clean_file(self) -> Any:
        """Want a file that could be stored."""
        file = self.cleaned_data["file"]
        if isinstance(file, RejectedUpload):
            raise forms.ValidationError(file.trouble)
        return file

    def clean(self) -> dict[str, Any] | None:
        """Want exactly one source."""
        cleaned = super().clean()
        given = [name for name in ("file", "address") if self.cleaned_data.get(name)]
        if len(given) != 1 and not self.errors:
            self.add_error("file", _("Choose a file, or give an address: one of both."))
        return cleaned
