"""Parser for the input of startImport (wire-api.md 2.5)."""

from __future__ import annotations

from typing import Any, Final

from config.api.errors import InvalidParamsError
from imports_app.selection.rules import KindSelection, Selection

_ID_OF: Final = {"users": "user_id", "channels": "channel_id", "contacts": "id"}


def read_selection(value: dict[str, Any]) -> Selection:
    """Parse the selection; each group has the format of 7.0 or the one before.

    Raises:
        InvalidParamsError: A group has another format; the message names the property.
    """
    unknown = value.keys() - _ID_OF.keys()
    if unknown:
        raise InvalidParamsError("must NOT have additional properties")
    groups: dict[str, Any] = {
        name: _choice(name, group) for name, group in value.items() if group is not None
    }
    return Selection(**groups)


def _choice(name: str, group: Any) -> KindSelection:
    if isinstance(group, list):
        return KindSelection(ids=frozenset(_listed(name, group)))
    if not isinstance(group, dict):
        raise InvalidParamsError(f"input.{name}: must be object or array")
    if group.keys() - {"all", "list"}:
        raise InvalidParamsError(f"input.{name}: must NOT have additional properties")
    everything = group.get("all", False)
    ids = group.get("list") or []
    if everything in ("true", "false"):
        everything = everything == "true"
    if not isinstance(everything, bool):
        raise InvalidParamsError(f"input.{name}.all: must be boolean")
    if not isinstance(ids, list) or not all(isinstance(i, str | int) for i in ids):
        raise InvalidParamsError(f"input.{name}.list: must be array of strings")
    return KindSelection(everything, frozenset(map(str, ids)))


def _listed(name: str, group: list[Any]) -> list[str]:
    """Return the IDs of the items with `do_import`."""
    key = _ID_OF[name]
    ids = []
    for number, item in enumerate(group):
        place = f"input.{name}[{number}]"
        if not isinstance(item, dict):
            raise InvalidParamsError(f"{place}: must be object")
        for required in (key, "do_import"):
            if required not in item:
                raise InvalidParamsError(
                    f"{place}: must have required property '{required}'"
                )
        if item["do_import"] in (True, "true"):
            ids.append(str(item[key]))
    return ids
