"""Shared filters of admin lists."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.utils import parse_date_str
from unfold.widgets import INPUT_CLASSES


class DaysForm(forms.Form):
    """Form with two date fields that use the browser's date picker."""

    def __init__(self, *, name: str, data: Any) -> None:
        super().__init__(data)
        for end, title in (("from", _("From")), ("to", _("To"))):
            self.fields[f"{name}_{end}"] = forms.DateField(
                label=title,
                required=False,
                widget=forms.DateInput(
                    {
                        "type": "date",
                        "class": " ".join(INPUT_CLASSES),
                    },
                    format="%Y-%m-%d",
                ),
            )


class DaysFilter(RangeDateFilter):
    """Filter by a range of days in UTC, inclusive."""

    form_class = DaysForm
    template = "imports_app/admin/days_filter.html"

    def queryset(self, request: Any, queryset: Any) -> Any:
        """Return the rows between the two days."""
        first, last = (
            parse_date_str(self.used_parameters.get(f"{self.parameter_name}_{end}"))
            for end in ("from", "to")
        )
        return self.between(queryset, first, last)

    def between(self, queryset: Any, first: date | None, last: date | None) -> Any:
        """Return the rows from `first` to `last`, inclusive."""
        raise NotImplementedError
