"""Display of the data of a staged record."""

from __future__ import annotations

import re
from typing import Any, Final

from django.utils.html import format_html, format_html_join
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.admin.formatting import format_milliseconds
from imports_app.downloads.addresses import redacted
from imports_app.models import ImportRecord
from imports_app.records import Kind

_ADDRESS: Final = re.compile(r"https?://[^\s<>\"'|]+")
_TIMES: Final = frozenset({"sent_at", "edited_at", "created_at"})
_MESSAGE_CONTENT: Final = frozenset({"text", "attachments", "cells"})
"""Keys of a message that need the permission to read rooms."""
_LABELS: Final = {
    "cells": gettext_lazy("row"),
    "import_id": gettext_lazy("ID in the source"),
    "import_ids": gettext_lazy("IDs in the source"),
    "sent_at": gettext_lazy("sent"),
    "edited_at": gettext_lazy("edited"),
    "created_at": gettext_lazy("created"),
    "raw_time": gettext_lazy("timestamp in the source"),
    "avatar_url": gettext_lazy("avatar"),
    "thread": gettext_lazy("reply to"),
}


def data_html(record: ImportRecord, *, may_read: bool) -> str:
    """Return the data as labels and values, without secrets in URLs.

    Args:
        record: The record.
        may_read: Whether the user may read the text of messages.
    """
    is_hidden = record.kind == Kind.MESSAGE and not may_read
    rows = [
        (_label(key), _("hidden: requires the permission to view rooms"))
        if is_hidden and key in _MESSAGE_CONTENT
        else (_label(key), _value(key, value))
        for key, value in record.data.items()
        if value not in (None, "", [], {})
    ]
    items = format_html_join("", "<div><dt>{}</dt><dd>{}</dd></div>", rows)
    return format_html('<dl class="record-data">{}</dl>', items) if rows else "-"


def _label(key: str) -> str:
    return str(capfirst(str(_LABELS.get(key, key.replace("_", " ")))))


def _value(key: str, value: Any) -> str:
    if key in _TIMES and isinstance(value, int):
        return format_milliseconds(value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return format_html_join(
            "", "<div>{}</div>", ((_value_text(item),) for item in value)
        )
    return _value_text(value)


def _value_text(value: Any) -> str:
    """Return a nested list or object in one line."""
    if isinstance(value, dict):
        return ", ".join(
            f"{_label(key)}: {_value_text(item)}" for key, item in value.items()
        )
    if isinstance(value, list):
        return ", ".join(map(_value_text, value))
    return _ADDRESS.sub(lambda found: redacted(found[0]), str(value))
