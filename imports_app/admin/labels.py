"""Kinds of records in words."""

from __future__ import annotations

from typing import Final

from django.utils.text import capfirst
from django.utils.translation import gettext_lazy, ngettext_lazy

from config.admin.formatting import grouped
from imports_app.models import KindChoice

_COUNTED: Final = {
    KindChoice.USER: ngettext_lazy("%(shown)s user", "%(shown)s users", "number"),
    KindChoice.CONTACT: ngettext_lazy(
        "%(shown)s contact", "%(shown)s contacts", "number"
    ),
    KindChoice.CHANNEL: ngettext_lazy("%(shown)s room", "%(shown)s rooms", "number"),
    KindChoice.MESSAGE: ngettext_lazy(
        "%(shown)s message", "%(shown)s messages", "number"
    ),
    KindChoice.FILE: ngettext_lazy("%(shown)s file", "%(shown)s files", "number"),
    KindChoice.AVATAR: ngettext_lazy(
        "%(shown)s picture", "%(shown)s pictures", "number"
    ),
}
_PLURALS: Final = {
    KindChoice.USER: gettext_lazy("users"),
    KindChoice.CONTACT: gettext_lazy("contacts"),
    KindChoice.CHANNEL: gettext_lazy("rooms"),
    KindChoice.MESSAGE: gettext_lazy("messages"),
    KindChoice.FILE: gettext_lazy("files"),
    KindChoice.AVATAR: gettext_lazy("pictures"),
}


def counted(kind: str, number: int) -> str:
    """Say how many there are of a kind, such as `1,200 messages`."""
    figures = {"number": number, "shown": grouped(number)}
    return str(_COUNTED[KindChoice(kind)] % figures)


def plural(kind: str) -> str:
    """Return the name of a kind for more than one, as a heading."""
    return capfirst(str(_PLURALS[KindChoice(kind)]))
