"""What people fill in for a new import: a file, or an address."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminURLInputWidget,
)

from imports_app.importers.registry import visible_importers


class NewImportForm(forms.Form):
    """Who is to read what."""

    importer = forms.ChoiceField(
        label=_("What is it?"), widget=UnfoldAdminRadioSelectWidget
    )
    file = forms.FileField(
        label=_("File"),
        required=False,
        allow_empty_file=True,
        widget=UnfoldAdminFileFieldWidget,
    )
    address = forms.URLField(
        label=_("Or its address on the web"),
        required=False,
        assume_scheme="https",
        widget=UnfoldAdminURLInputWidget,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["importer"]
        choices = [(one.key, f"{one.name}: {one.about}") for one in visible_importers()]
        if isinstance(field, forms.ChoiceField):
            field.choices = choices

    def clean(self) -> dict[str, Any] | None:
        """Want exactly one source."""
        cleaned = super().clean()
        given = [name for name in ("file", "address") if self.cleaned_data.get(name)]
        if len(given) != 1 and not self.errors:
            self.add_error("file", _("Choose a file, or give an address: one of both."))
        return cleaned
