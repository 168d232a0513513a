"""Prefixes that keep the IDs of different workspaces apart."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from imports_app.records import ChannelRecord, MessageRecord, SourceItem, UserRecord

SERVER_BOT: Final = "rocket.cat"
"""Username of the server's own bot, shared by all sources."""


class WorkspacePerson(NamedTuple):
    """User of a workspace, used to recognise the workspace."""

    import_id: str
    username: str
    email: str


@dataclass(frozen=True, slots=True)
class Workspace:
    """Workspace that a source was exported from."""

    id: str
    """Empty if the source does not name it."""
    people: tuple[WorkspacePerson, ...]
    """A sample of its users."""


def add_scope(found: SourceItem, scope: str) -> SourceItem:
    """Prefix the IDs of users and rooms in a record with the scope."""
    record = found.record
    if isinstance(record, UserRecord):
        ids = _all(record.import_ids, scope)
        return replace(found, record=replace(record, import_ids=ids))
    if isinstance(record, ChannelRecord):
        changed = replace(
            record,
            import_ids=_all(record.import_ids, scope),
            creator=record.creator and _one(record.creator, scope),
            members=_all(record.members, scope),
        )
        return replace(found, record=changed)
    if isinstance(record, MessageRecord):
        record.room = _one(record.room, scope)
        record.author = _one(record.author, scope)
        record.editor = record.editor and _one(record.editor, scope)
        if record.mentions:
            record.mentions = {
                _one(key, scope): name for key, name in record.mentions.items()
            }
        if record.mentioned_rooms:
            record.mentioned_rooms = {
                _one(key, scope): name for key, name in record.mentioned_rooms.items()
            }
        if record.reactions:
            record.reactions = {
                emoji: list(_all(tuple(people), scope))
                for emoji, people in record.reactions.items()
            }
    return found


def _all(ids: tuple[str, ...], scope: str) -> tuple[str, ...]:
    return tuple(_one(one, scope) for one in ids)


def _one(import_id: str, scope: str) -> str:
    return import_id if import_id == SERVER_BOT else f"{scope}{import_id}"
