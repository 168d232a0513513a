"""Labels of record kinds."""

from __future__ import annotations

from typing import Final

from django.utils.text import capfirst
from django.utils.translation import gettext_lazy, ngettext_lazy

from config.admin.formatting import format_number
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
    KindChoice.AVATAR: ngettext_lazy("%(shown)s avatar", "%(shown)s avatars", "number"),
}
_PLURALS: Final = {
    KindChoice.USER: gettext_lazy("users"),
    KindChoice.CONTACT: gettext_lazy("contacts"),
    KindChoice.CHANNEL: gettext_lazy("rooms"),
    KindChoice.MESSAGE: gettext_lazy("messages"),
    KindChoice.FILE: gettext_lazy("files"),
    KindChoice.AVATAR: gettext_lazy("avatars"),
}


def count_label(kind: str, number: int) -> str:
    """Return the number and the kind, such as `1,200 messages`."""
    numbers = {"number": number, "shown": format_number(number)}
    return str(_COUNTED[KindChoice(kind)] % numbers)


def kind_label(kind: str) -> str:
    """Return the plural name of a kind as a heading, such as `Messages`."""
    return capfirst(str(_PLURALS[KindChoice(kind)]))
