"""Conversion of mentions, reactions and attachments (importers.md 6.4).

Import IDs are replaced with users. Unknown references are dropped and never fail a
message.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from imports_app.engine.matching.user_lookup import Person
from imports_app.records import MessageRecord

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


def text_with_names(record: MessageRecord, people: dict[str, Person]) -> str:
    """Return the text with mentions replaced by usernames of this server.

    A name that several mentioned users share is not replaced.
    """
    if not record.mentions:
        return record.text
    usernames: dict[str, set[str]] = {}
    for key, name in record.mentions.items():
        person = people.get(key)
        username = (person.username if person else None) or name
        usernames.setdefault(name, set()).add(username)
    new = {name: one.pop() for name, one in usernames.items() if len(one) == 1}
    changed = {
        name: now
        for name, now in new.items()
        if name != now and 0 < len(name) <= _LONGEST_NAME
    }
    return "".join(_renamed(record.text, changed)) if changed else record.text


def _renamed(text: str, names: dict[str, str]) -> Iterator[str]:
    """Yield the parts of a text, with the names after each `@` replaced.

    The longest name matches. A regular expression with an alternative for each of many
    names would take quadratic time.
    """
    lengths = sorted({len(name) for name in names}, reverse=True)
    end = 0
    at = text.find("@")
    while at >= 0:
        for length in lengths:
            after = at + 1 + length
            now = names.get(text[at + 1 : after])
            if now is not None and not _GOES_ON.match(text, after):
                yield f"{text[end:at]}@{now}"
                end = after
                break
        at = text.find("@", max(end, at + 1))
    yield text[end:]


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
        "editor": editor.public_id if editor else "",
        "mentions": mentioned,
        "reactions": reactions,
        "attachments": record.attachments,
    }
    return {name: value for name, value in extras.items() if value} or None


def _has_more(record: MessageRecord) -> bool:
    return bool(
        record.is_bot
        or record.mentions
        or record.reactions
        or record.editor
        or record.attachments
        or record.emoji
    )


def _names(keys: list[str], people: dict[str, Person]) -> list[str]:
    return [people[key].username or key for key in keys if key in people]
