"""Filters that lists of several models share."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.utils import parse_date_str
from unfold.widgets import INPUT_CLASSES


class DaysForm(forms.Form):
    """Two days, asked for by the browser's own calendar."""

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
    """Filters by days in UTC, both included."""

    form_class = DaysForm
    template = "imports_app/admin/days_filter.html"

    def queryset(self, request: Any, queryset: Any) -> Any:
        """Keep the rows of the days given."""
        first, last = (
            parse_date_str(self.used_parameters.get(f"{self.parameter_name}_{end}"))
            for end in ("from", "to")
        )
        return self.between(queryset, first, last)

    def between(self, queryset: Any, first: date | None, last: date | None) -> Any:
        """Keep the rows of the days from `first` to `last`."""
        raise NotImplementedError
