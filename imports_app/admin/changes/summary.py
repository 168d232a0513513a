"""Line about what is different since the last import of the same source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy

from config.admin.formatting import format_number
from imports_app.admin.labels import count_label
from imports_app.admin.links import page_of, step_of
from imports_app.models import ChangeEffect, ImportOperation, SourceChanges
from imports_app.records import Kind

KINDS: Final = (Kind.MESSAGE, Kind.USER, Kind.CHANNEL)
LISTED: Final = (ChangeEffect.NEW, ChangeEffect.CHANGED, ChangeEffect.GONE)
_TEXTS: Final[dict[tuple[Kind, ChangeEffect], Any]] = {
    (Kind.MESSAGE, ChangeEffect.NEW): ngettext_lazy(
        "%(shown)s new message", "%(shown)s new messages", "number"
    ),
    (Kind.MESSAGE, ChangeEffect.CHANGED): ngettext_lazy(
        "%(shown)s changed message", "%(shown)s changed messages", "number"
    ),
    (Kind.MESSAGE, ChangeEffect.GONE): ngettext_lazy(
        "%(shown)s message gone", "%(shown)s messages gone", "number"
    ),
    (Kind.USER, ChangeEffect.NEW): ngettext_lazy(
        "%(shown)s new user", "%(shown)s new users", "number"
    ),
    (Kind.USER, ChangeEffect.CHANGED): ngettext_lazy(
        "%(shown)s changed user", "%(shown)s changed users", "number"
    ),
    (Kind.USER, ChangeEffect.GONE): ngettext_lazy(
        "%(shown)s user gone", "%(shown)s users gone", "number"
    ),
    (Kind.CHANNEL, ChangeEffect.NEW): ngettext_lazy(
        "%(shown)s new room", "%(shown)s new rooms", "number"
    ),
    (Kind.CHANNEL, ChangeEffect.CHANGED): ngettext_lazy(
        "%(shown)s changed room", "%(shown)s changed rooms", "number"
    ),
    (Kind.CHANNEL, ChangeEffect.GONE): ngettext_lazy(
        "%(shown)s room gone", "%(shown)s rooms gone", "number"
    ),
}


@dataclass(frozen=True, slots=True)
class LinkedNumber:
    """Number of records of a kind with an effect, as text with a link to the list."""

    text: str
    href: str


@dataclass(frozen=True, slots=True)
class ChangesSummary:
    """What is different since the last import."""

    earlier: ImportOperation | None
    earlier_page: str
    page: str
    is_complete: bool
    compared: int
    numbers: tuple[LinkedNumber, ...]
    """Without zeros."""
    unchanged: str
    """Number of unchanged messages as text."""


def summarize(
    operation: ImportOperation, changes: SourceChanges | None
) -> ChangesSummary | None:
    """Return the line about an operation, or `None` if it is a first import."""
    if changes is None:
        return None
    page = step_of(operation, "changes")
    earlier = changes.earlier
    numbers = [
        LinkedNumber(
            str(
                _TEXTS[kind, effect]
                % {"number": number, "shown": format_number(number)}
            ),
            f"{page}?kind={kind}&effect={effect}",
        )
        for kind in KINDS
        for effect in LISTED
        if (number := changes.number(kind, effect))
    ]
    unchanged = changes.number(Kind.MESSAGE, ChangeEffect.UNCHANGED)
    return ChangesSummary(
        earlier,
        page_of(earlier) if earlier is not None else "",
        page,
        changes.is_complete,
        changes.compared,
        tuple(numbers),
        _("%s unchanged") % count_label(Kind.MESSAGE, unchanged),
    )


def _text(kind: Kind, effect: ChangeEffect, number: int) -> str:
    shown = {"number": number, "shown": format_number(number)}
    return str(_TEXTS[kind, effect] % shown)
