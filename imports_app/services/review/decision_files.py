"""Files of decisions: JSON that another import of the same source accepts.

The format has a version and no keys of the database: it names records by their import
ID, users by user ID and username, and rooms by room ID and name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, Final

import orjson

from accounts.models import User
from config.db.bulk import in_chunks
from config.units import format_bytes
from imports_app.engine.matching.decision_rights import readable_rooms
from imports_app.errors import DecisionFileError
from imports_app.models import Decision, DecisionAction, ImportOperation, Room
from imports_app.records import Kind
from imports_app.services.review.choices import Choice
from imports_app.services.review.decisions import MAX_DECISIONS

FORMAT: Final = "import-decisions"
VERSION: Final = 1
MAX_BYTES: Final = 2_000_000
"""Maximum size of a file."""
_LONGEST: Final = 255
_GROUPS: Final = {"users": Kind.USER, "rooms": Kind.CHANNEL}
_FIELDS: Final[Mapping[tuple[str, str], frozenset[str]]] = {
    ("users", "match"): frozenset({"user"}),
    ("users", "create"): frozenset({"username", "email"}),
    ("users", "merge"): frozenset({"into"}),
    ("users", "skip"): frozenset(),
    ("rooms", "match"): frozenset({"room"}),
    ("rooms", "change"): frozenset({"name", "private"}),
    ("rooms", "skip"): frozenset(),
}
"""Fields of an entry besides `id` and `action`, by group and action."""


def decisions_document(operation: ImportOperation, viewer: User) -> dict[str, Any]:
    """Return an import's decisions as JSON data.

    Names of private rooms that the viewer may not read are omitted.
    """
    decisions = list(Decision.objects.of_operation(operation.pk))
    hidden = hidden_rooms(decisions, viewer)
    document: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "source": {
            "importer": operation.importer_key,
            "workspace": operation.workspace_id,
        },
    }
    for group, kind in _GROUPS.items():
        document[group] = [_entry(one, hidden) for one in decisions if one.kind == kind]
    return document


def hidden_rooms(decisions: Iterable[Decision], viewer: User) -> set[str]:
    """Return the public IDs of target rooms that a viewer may not read."""
    targets = [
        one.target
        for one in decisions
        if one.kind == Kind.CHANNEL and one.action == DecisionAction.MATCH
    ]
    hidden = set(targets)
    for chunk in in_chunks(targets):
        rooms = list(Room.objects.filter(public_id__in=chunk))
        visible = readable_rooms(viewer, rooms)
        hidden -= {room.public_id for room in rooms if room.pk in visible}
    return hidden


def _entry(decision: Decision, hidden: set[str]) -> dict[str, Any]:
    entry: dict[str, Any] = {"id": decision.import_id, "action": decision.action}
    if decision.action == DecisionAction.MERGE:
        entry["into"] = decision.target
    elif decision.action == DecisionAction.MATCH and decision.kind == Kind.USER:
        entry["user"] = {"id": decision.target, "username": decision.target_name}
    elif decision.action == DecisionAction.MATCH:
        entry["room"] = {"id": decision.target}
        if decision.target not in hidden:
            entry["room"]["name"] = decision.target_name
    return {**entry, **decision.value}


def load_decisions(content: bytes, person: User | None) -> list[Choice]:
    """Parse a file for the user who applies it.

    Raises:
        DecisionFileError: The file is too large, not JSON, or has another format; the
            message names the entry.
    """
    if len(content) > MAX_BYTES:
        raise DecisionFileError(f"The file is larger than {format_bytes(MAX_BYTES)}.")
    try:
        document = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise DecisionFileError(f"The file is not valid JSON: {error}.") from None
    return parse_decisions(document, person)


def parse_decisions(document: Any, person: User | None) -> list[Choice]:
    """Parse JSON data. Targets without an ID are looked up by their name.

    Args:
        document: The data.
        person: The user who applies it. Rooms that this user may not read are not
            found.

    Raises:
        DecisionFileError: The data has another format; the message names the entry.
    """
    if not isinstance(document, dict):
        raise DecisionFileError("The file must contain a JSON object.")
    _reject_unknown("The file", document, {"format", "version", "source", *_GROUPS})
    if document.get("format") != FORMAT or document.get("version") != VERSION:
        raise DecisionFileError(
            f'The file must have "format": "{FORMAT}" and "version": {VERSION}.'
        )
    choices: list[Choice] = []
    for group in _GROUPS:
        entries = document.get(group, [])
        if not isinstance(entries, list):
            raise DecisionFileError(f"{group}: must be an array.")
        if len(entries) + len(choices) > MAX_DECISIONS:
            raise DecisionFileError(
                f"{group}: a file can have {MAX_DECISIONS:,} decisions."
            )
        seen: set[str] = set()
        for number, entry in enumerate(entries):
            choice = _choice(group, f"{group}[{number}]", entry)
            if choice.import_id in seen:
                raise DecisionFileError(
                    f"{choice.place}: there is another decision about"
                    f" {choice.import_id[:80]!r}. Keep one."
                )
            seen.add(choice.import_id)
            choices.append(choice)
    return _with_targets(choices, document, person)


def _choice(group: str, place: str, entry: Any) -> Choice:
    if not isinstance(entry, dict):
        raise DecisionFileError(f"{place}: must be an object.")
    import_id = _text(place, entry, "id")
    action = _text(place, entry, "action")
    if not import_id:
        raise DecisionFileError(f"{place}.id: must not be empty.")
    if (group, action) not in _FIELDS:
        known = ", ".join(name for kind, name in _FIELDS if kind == group)
        raise DecisionFileError(f"{place}.action: must be one of {known}.")
    _reject_unknown(place, entry, {"id", "action", *_FIELDS[group, action]})
    is_private = entry.get("private", False)
    if not isinstance(is_private, bool):
        raise DecisionFileError(f"{place}.private: must be true or false.")
    return Choice(
        kind=_GROUPS[group],
        import_id=import_id,
        action=DecisionAction(action),
        target=_text(place, entry, "into"),
        username=_text(place, entry, "username"),
        email=_text(place, entry, "email"),
        name=_text(place, entry, "name"),
        is_private=is_private,
        place=place,
    )


def _with_targets(
    choices: list[Choice], document: dict[str, Any], person: User | None
) -> list[Choice]:
    """Return the choices with the public IDs of existing users and rooms."""
    wanted: dict[str, dict[str, str]] = {}
    for group, field, label in (
        ("users", "user", "username"),
        ("rooms", "room", "name"),
    ):
        for number, entry in enumerate(document.get(group, [])):
            if entry["action"] != DecisionAction.MATCH:
                continue
            place = f"{group}[{number}]"
            target = entry.get(field)
            if not isinstance(target, dict):
                raise DecisionFileError(f"{place}.{field}: must be an object.")
            _reject_unknown(f"{place}.{field}", target, {"id", label})
            found = {
                "id": _text(f"{place}.{field}", target, "id"),
                "label": _text(f"{place}.{field}", target, label),
            }
            if not any(found.values()):
                raise DecisionFileError(
                    f"{place}.{field}: must have an id or a {label}."
                )
            wanted[place] = found
    users = _ids_by_name(wanted, "users", _users_named)
    rooms = _ids_by_name(wanted, "rooms", partial(_rooms_named, person))
    ids = {place: one["id"] for place, one in wanted.items() if one["id"]}
    ids |= users | rooms
    return [
        _with_target(one, ids[one.place]) if one.place in ids else one
        for one in choices
    ]


def _with_target(choice: Choice, target: str) -> Choice:
    return Choice(
        kind=choice.kind,
        import_id=choice.import_id,
        action=choice.action,
        target=target,
        place=choice.place,
    )


def _ids_by_name(
    wanted: Mapping[str, dict[str, str]],
    group: str,
    find: Callable[[Iterable[str]], dict[str, str]],
) -> dict[str, str]:
    """Return the public IDs of targets that are given by name only, by place."""
    names = {
        place: one["label"]
        for place, one in wanted.items()
        if place.startswith(group) and not one["id"]
    }
    found = find(names.values())
    ids = {}
    for place, name in names.items():
        public_id = found.get(name) or found.get(name.lower())
        if public_id is None:
            kind = "user" if group == "users" else "room"
            raise DecisionFileError(f"{place}: there is no {kind} named {name[:80]!r}.")
        ids[place] = public_id
    return ids


def _users_named(names: Iterable[str]) -> dict[str, str]:
    """Return public IDs by username in lower case."""
    found: dict[str, str] = {}
    for chunk in in_chunks(names):
        rows = User.objects.named_any(chunk).values_list("username", "public_id")
        found |= {str(name).lower(): public_id for name, public_id in rows}
    return found


def _rooms_named(person: User | None, names: Iterable[str]) -> dict[str, str]:
    """Return public IDs of the rooms that a person may read, by name."""
    found: dict[str, str] = {}
    for chunk in in_chunks(names):
        rooms = list(Room.objects.filter(name__in=chunk))
        visible = readable_rooms(person, rooms)
        found |= {
            str(room.name): room.public_id for room in rooms if room.pk in visible
        }
    return found


def _text(place: str, entry: dict[str, Any], name: str) -> str:
    value = entry.get(name, "")
    if not isinstance(value, str):
        raise DecisionFileError(f"{place}.{name}: must be a string.")
    if len(value) > _LONGEST or "\0" in value:
        raise DecisionFileError(
            f"{place}.{name}: must have at most {_LONGEST} characters and no NUL."
        )
    return value


def _reject_unknown(place: str, entry: dict[str, Any], known: set[str]) -> None:
    if unknown := entry.keys() - known:
        name = min(map(str, unknown))[:40]
        raise DecisionFileError(f"{place}: {name!r} is not a known field. Remove it.")
