"""Conversion of mentions, reactions and attachments (importers.md 6.4).

Import IDs are replaced with users. Unknown references are dropped and never fail a
message.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from imports_app.engine.matching.user_lookup import Person
from imports_app.records import MessageRecord

_TEXT_KEYS: Final = frozenset({"title", "pretext", "text", "fallback"})
"""Keys of an attachment whose text can contain mentions."""
_LONGEST_NAME: Final = 255
_GOES_ON: Final = re.compile(r"[\w-]|\.\w")
"""Matches if a name continues after the match."""


def referenced_users(record: MessageRecord) -> Iterable[str]:
    """Return the import IDs of all users that a message refers to."""
    if not (record.mentions or record.editor or record.reactions):  # most messages
        return (record.author,)
    people = {record.author, *(record.mentions or ())}
    if record.editor:
        people.add(record.editor)
    for users in (record.reactions or {}).values():
        people.update(users)
    return people


def use_local_names(
    record: MessageRecord, people: Mapping[str, Person], rooms: Mapping[str, str]
) -> None:
    """Replace mentions of users and rooms by their names on this server.

    A name that several mentioned users or rooms share is not replaced.

    Args:
        record: The message; its text and its attachments change.
        people: The users by import ID.
        rooms: The names of rooms by import ID.
    """
    users = record.mentions or {}
    usernames = {key: people[key].username for key in users if key in people}
    for mark, names in (
        ("@", _changed(users, usernames)),
        ("#", _changed(record.mentioned_rooms or {}, rooms)),
    ):
        if not names:
            continue
        record.text = _renamed(record.text, mark, names)
        record.attachments = record.attachments and [
            {
                key: _renamed(value, mark, names) if key in _TEXT_KEYS else value
                for key, value in attachment.items()
            }
            for attachment in record.attachments
        ]


def _changed(
    names: Mapping[str, str], names_here: Mapping[str, str | None]
) -> dict[str, str]:
    """Return the new name for each name that differs on this server."""
    found: dict[str, set[str]] = {}
    for key, name in names.items():
        found.setdefault(name, set()).add(names_here.get(key) or name)
    new = {name: one.pop() for name, one in found.items() if len(one) == 1}
    return {
        name: now
        for name, now in new.items()
        if name != now and 0 < len(name) <= _LONGEST_NAME
    }


def _renamed(text: str, mark: str, names: dict[str, str]) -> str:
    """Return a text with the names after each mark replaced.

    The longest name matches. A regular expression with an alternative for each of many
    names would take quadratic time.
    """
    lengths = sorted({len(name) for name in names}, reverse=True)
    parts: list[str] = []
    end = 0
    at = text.find(mark)
    while at >= 0:
        for length in lengths:
            after = at + 1 + length
            now = names.get(text[at + 1 : after])
            if now is not None and not _GOES_ON.match(text, after):
                parts += (text[end:at], mark, now)
                end = after
                break
        at = text.find(mark, max(end, at + 1))
    parts.append(text[end:])
    return "".join(parts)


def optional_parts(
    record: MessageRecord, people: dict[str, Person]
) -> dict[str, Any] | None:
    """Return the optional parts of a message, without empty ones."""
    if not _has_more(record):
        return None
    mentioned = [
        people[key].public_id for key in record.mentions or () if key in people
    ]
    editor = people.get(record.editor or "")
    reactions = {
        emoji: users
        for emoji, keys in (record.reactions or {}).items()
        if (users := list(dict.fromkeys(_names(keys, people))))
    }
    extras = {
        "alias": record.alias,
        "emoji": record.emoji,
        "bot": record.is_bot,
        "broadcast": record.is_broadcast,
        "editor": editor.public_id if editor else "",
        "mentions": mentioned,
        "reactions": reactions,
        "attachments": record.attachments,
    }
    return {name: value for name, value in extras.items() if value} or None


def _has_more(record: MessageRecord) -> bool:
    return bool(
        record.is_bot
        or record.is_broadcast
        or record.mentions
        or record.reactions
        or record.editor
        or record.attachments
        or record.emoji
    )


def _names(keys: list[str], people: dict[str, Person]) -> list[str]:
    return [people[key].username or key for key in keys if key in people]
