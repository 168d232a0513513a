"""Parser for the input of startImport (wire-api.md 2.5)."""

from __future__ import annotations

from typing import Any, Final

from config.api.errors import InvalidParamsError
from config.api.input.coercion import to_flag, to_text
from imports_app.selection.rules import KindSelection, Selection

_ID_OF: Final = {"users": "user_id", "channels": "channel_id", "contacts": "id"}
GROUPS: Final = tuple(_ID_OF)
"""Properties of a selection."""


def read_selection(value: dict[str, Any]) -> Selection:
    """Parse the selection; each group has the format of 7.0 or the one before.

    Unknown properties are ignored, as in Rocket.Chat.

    Raises:
        InvalidParamsError: A group has another format.
    """
    groups: dict[str, Any] = {
        name: _group(name, value[name]) for name in _ID_OF if name in value
    }
    return Selection(**groups)


def _group(name: str, group: Any) -> KindSelection:
    if isinstance(group, list):
        return KindSelection(ids=frozenset(_listed(name, group)))
    if not isinstance(group, dict):
        raise InvalidParamsError("must be object")
    everything = _flag(group.get("all", False))
    ids = group.get("list", [])
    if not isinstance(ids, list):
        raise InvalidParamsError("must be array")
    return KindSelection(everything, frozenset(map(_text, ids)))


def _listed(name: str, group: list[Any]) -> list[str]:
    """Return the IDs of the items with `do_import`."""
    key = _ID_OF[name]
    ids = []
    for item in group:
        if not isinstance(item, dict):
            raise InvalidParamsError("must be object")
        for required in (key, "do_import"):
            if required not in item:
                raise InvalidParamsError(f"must have required property '{required}'")
        text = _text(item[key])
        if _flag(item["do_import"]):
            ids.append(text)
    return ids


def _flag(value: Any) -> bool:
    try:
        return to_flag(value)
    except ValueError:
        raise InvalidParamsError("must be boolean") from None


def _text(value: Any) -> str:
    try:
        return to_text(value)
    except TypeError:
        raise InvalidParamsError("must be string") from None
