"""Ids of a second workspace, which would else be taken for those of the first."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from imports_app.records import ChannelRecord, MessageRecord, SourceItem, UserRecord

SERVER_BOT: Final = "rocket.cat"
"""The server's own bot, who is the same for every source."""


class WorkspacePerson(NamedTuple):
    """Somebody of a workspace, to recognise it by."""

    import_id: str
    username: str
    email: str


@dataclass(frozen=True, slots=True)
class Workspace:
    """What a source says of the workspace that it is from."""

    id: str
    people: tuple[WorkspacePerson, ...]
    """Some of its people."""


def scoped(found: SourceItem, scope: str) -> SourceItem:
    """Return a record whose ids of users and rooms begin with the scope."""
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
