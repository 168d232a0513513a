"""A staged record's data, for people to read."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any, Final

from django.utils.html import format_html, format_html_join
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.admin.formatting import moment, wrapping
from imports_app.downloads.addresses import redacted
from imports_app.models import ImportRecord
from imports_app.records import Kind

_ADDRESS: Final = re.compile(r"https?://[^\s<>\"'|]+")
_TIMES: Final = frozenset({"sent_at", "edited_at", "created_at"})
_SPOKEN: Final = frozenset({"text", "attachments", "cells"})
"""What of a message only those may read who may read rooms."""
_NAMES: Final = {
    "cells": gettext_lazy("the row"),
    "import_id": gettext_lazy("id in the source"),
    "import_ids": gettext_lazy("ids in the source"),
    "sent_at": gettext_lazy("sent"),
    "edited_at": gettext_lazy("edited"),
    "created_at": gettext_lazy("created"),
    "raw_time": gettext_lazy("what stands for the time"),
    "avatar_url": gettext_lazy("picture"),
    "thread": gettext_lazy("reply to"),
}


def data_html(record: ImportRecord, *, may_read: bool) -> str:
    """Return the data as names and values; addresses lose what may be secret.

    Args:
        record: Whose data.
        may_read: Whether the viewer may read what people said.
    """
    is_hidden = record.kind == Kind.MESSAGE and not may_read
    rows = [
        (_name(key), _("only for those who may read rooms"))
        if is_hidden and key in _SPOKEN
        else (_name(key), _value(key, value))
        for key, value in record.data.items()
        if value not in (None, "", [], {})
    ]
    listed = format_html_join("", "<div><dt>{}</dt><dd>{}</dd></div>", rows)
    return format_html('<dl class="record-data">{}</dl>', listed) if rows else "-"


def _name(key: str) -> str:
    return str(capfirst(str(_NAMES.get(key, key.replace("_", " ")))))


def _value(key: str, value: Any) -> str:
    if key in _TIMES and isinstance(value, int):
        return _moment(value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return format_html_join("", "<div>{}</div>", ((_inner(one),) for one in value))
    return _inner(value)


def _inner(value: Any) -> str:
    """Return what stands in a list or an object, in one line."""
    if isinstance(value, dict):
        return ", ".join(f"{_name(key)}: {_inner(one)}" for key, one in value.items())
    if isinstance(value, list):
        return ", ".join(map(_inner, value))
    return _ADDRESS.sub(lambda found: redacted(found[0]), str(value))


def _moment(milliseconds: int) -> str:
    try:
        return moment(datetime.fromtimestamp(milliseconds / 1000, UTC))
    except (OverflowError, OSError, ValueError):
        return wrapping(str(milliseconds))
