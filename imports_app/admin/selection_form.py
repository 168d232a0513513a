"""What people choose of a source."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldBooleanSwitchWidget,
)

from imports_app.models import ImportOperation, ImportRecord
from imports_app.records import Kind, RoomType
from imports_app.selection import ALL, DIRECT_MESSAGES, Choice, Selection

MOST_ROOMS: Final = 500
"""Rooms that are listed to choose from; of more, all come or none."""


class SelectionForm(forms.Form):
    """What of a source is to be imported."""

    users = forms.BooleanField(
        label=_("All users"),
        required=False,
        initial=True,
        widget=UnfoldBooleanSwitchWidget,
    )
    every_room = forms.BooleanField(
        label=_("All rooms, with their messages"),
        required=False,
        initial=True,
        widget=UnfoldBooleanSwitchWidget,
    )
    rooms = forms.MultipleChoiceField(
        label=_("Or only these rooms"),
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )
    directs = forms.BooleanField(
        label=_("Direct messages"),
        required=False,
        initial=True,
        widget=UnfoldBooleanSwitchWidget,
    )

    def __init__(self, operation: ImportOperation, *args: Any) -> None:
        super().__init__(*args)
        staged = ImportRecord.objects.of_kind(operation.pk, Kind.CHANNEL)
        readable = staged.filter(is_unreadable=False)
        listed = list(
            readable.exclude(data__type=RoomType.DIRECT).values_list(
                "import_id", "data__name"
            )[: MOST_ROOMS + 1]
        )
        field = self.fields["rooms"]
        if len(listed) > MOST_ROOMS or not listed:
            del self.fields["rooms"]
        elif isinstance(field, forms.MultipleChoiceField):
            field.choices = [(key, f"#{name or key}") for key, name in listed]
        if not readable.filter(data__type=RoomType.DIRECT).exists():
            del self.fields["directs"]

    def clean(self) -> dict[str, Any] | None:
        """Want to know whether all rooms come in, or only some."""
        cleaned = super().clean()
        if self.cleaned_data.get("every_room") and self.cleaned_data.get("rooms"):
            self.add_error(
                "every_room", _("Switch this off to import only the rooms you ticked.")
            )
        return cleaned

    @property
    def selection(self) -> Selection:
        """Return what was chosen."""
        chosen = self.cleaned_data
        ids = set(chosen.get("rooms", ()))
        if chosen.get("directs"):
            ids.add(DIRECT_MESSAGES)
        return Selection(
            users=ALL if chosen["users"] else Choice(),
            contacts=ALL,
            channels=Choice(everything=chosen["every_room"], ids=frozenset(ids)),
        )
