"""What a message has beside its text, with import ids replaced (importers.md 6.4).

A reference that leads nowhere is left out; it never fails a message.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from imports_app.engine.people import Person
from imports_app.records import MessageRecord


def people_of(record: MessageRecord) -> Iterable[str]:
    """Return the import ids of everybody that a message names."""
    if not (record.mentions or record.editor or record.reactions):  # most of them
        return (record.author,)
    people = {record.author, *(record.mentions or ())}
    if record.editor:
        people.add(record.editor)
    for users in (record.reactions or {}).values():
        people.update(users)
    return people


def text_with_names(record: MessageRecord, people: dict[str, Person]) -> str:
    """Return the text, with the usernames that the mentioned accounts have here.

    A name that stands for several people stays as it is: nobody is named wrongly.
    """
    if not record.mentions:
        return record.text
    usernames: dict[str, set[str]] = {}
    for key, name in record.mentions.items():
        person = people.get(key)
        username = (person.username if person else None) or name
        usernames.setdefault(name, set()).add(username)
    new = {name: one.pop() for name, one in usernames.items() if len(one) == 1}
    changed = sorted((name for name in new if new[name] != name), key=len, reverse=True)
    if not changed:
        return record.text
    written = re.compile(rf"@({'|'.join(map(re.escape, changed))})(?![\w-]|\.\w)")
    return written.sub(lambda match: f"@{new[match[1]]}", record.text)


def extras_of(
    record: MessageRecord, people: dict[str, Person]
) -> dict[str, Any] | None:
    """Return what few messages have; absent stays absent."""
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
