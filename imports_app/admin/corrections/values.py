"""Original and corrected values of a record, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.http import QueryDict
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts.models import User
from config.admin.formatting import format_time
from imports_app.services.corrections.records import CorrectableRecord


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a row."""

    label: str
    original: str
    value: str
    """The corrected value, or the original one."""

    @property
    def is_changed(self) -> bool:
        """Whether the value was corrected."""
        return self.original != self.value

    @property
    def rows(self) -> int:
        """Lines of the field that shows the value."""
        return min(12, 1 + self.value.count("\n") + len(self.value) // 90)


def compare_values(found: CorrectableRecord) -> list[Value]:
    """Return the original values, with the corrected ones if there are any."""
    labels = (str(capfirst(_(name))) for name in found.columns)
    return [
        Value(label, before, after)
        for label, before, after in zip(
            labels, found.original_cells, found.cells, strict=True
        )
    ]


def describe_correction(found: CorrectableRecord) -> dict[str, Any] | None:
    """Return the values of a corrected record, with time and author, or `None`."""
    correction = found.correction
    if correction is None:
        return None
    author = User.objects.filter(public_id=correction.made_by).first()
    return {
        "values": compare_values(found),
        "who": author or correction.made_by,
        "when": format_time(correction.made_at),
        "is_before_run": correction.original is not None,
    }


def cells_from(form: QueryDict, values: Sequence[Value]) -> list[str]:
    """Return the values of the form. Browsers send line breaks as CR and LF."""
    return [
        form.get(f"cell-{number}", one.value).replace("\r\n", "\n")
        for number, one in enumerate(values)
    ]


def with_entered(values: Sequence[Value], cells: Sequence[str]) -> list[Value]:
    """Return the values as they were entered, to correct them."""
    return [replace(one, value=cell) for one, cell in zip(values, cells, strict=True)]
