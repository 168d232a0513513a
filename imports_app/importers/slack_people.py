"""Who and what the ids in a Slack export stand for (importers.md 3.2 and 3.6)."""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import Any, Final

from imports_app.importers.base import Report
from imports_app.records import ChannelRecord, RoomType, UserRecord
from imports_app.sources.json_values import (
    dict_of,
    number_of,
    text_of,
    texts_of,
)

SLACKBOT: Final = "USLACKBOT"
SERVER_BOT: Final = "rocket.cat"
"""The server's own bot; it stands in for Slack's."""
_MOST_IN_DIRECT: Final = 8
"""A larger group becomes a private room, as upstream's default has it."""
ROOM_FILES: Final = {
    "channels.json": RoomType.PUBLIC,
    "groups.json": RoomType.PRIVATE,
    "mpims.json": RoomType.DIRECT,
    "dms.json": RoomType.DIRECT,
}


class Directory:
    """Users, bots and rooms by their ids; grows with them, and not with messages."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._taken: set[str] = set()
        self._bots: dict[str, str] = {}
        self._rooms: dict[str, str] = {}
        self._folders: dict[str, tuple[str, bool]] = {}

    def add_user(self, user: dict[str, Any], report: Report) -> UserRecord | None:
        """Return the record of an element of users.json; `None` if there is none.

        Either the element has no id, or somebody was listed by it before.
        """
        identity = text_of(user.get("id"))
        if not identity:
            return None
        if self.knows(self.identity(identity)):
            report.count("users listed again")
            return None
        if identity == SLACKBOT:
            return self._server_bot()
        profile = dict_of(user.get("profile"))
        name = text_of(user.get("name")) or text_of(profile.get("display_name"))
        email = text_of(profile.get("email"))
        is_bot = bool(user.get("is_bot"))
        username = name or identity.lower()
        is_first = username.lower() not in self._taken
        self._taken.add(username.lower())
        self._names[identity] = username
        if bot := text_of(profile.get("bot_id")):
            self._bots[bot] = identity
        if is_bot:
            report.count("bots")
        elif not email:
            report.count("users without e-mail address")
        offset = number_of(user.get("tz_offset"))
        return UserRecord(
            import_ids=(identity,),
            username=username,
            emails=(email,) if email else (),
            name=text_of(profile.get("real_name"))
            or text_of(user.get("real_name"))
            or None,
            is_bot=is_bot,
            is_deleted=bool(user.get("deleted")),
            roles=("bot",) if is_bot else (),
            avatar_url=text_of(profile.get("image_original"))
            or text_of(profile.get("image_512"))
            or None,
            utc_offset=None if offset is None else offset / 3600,
            status_text=text_of(profile.get("status_text"))[:255] or None,
            bio=text_of(profile.get("title")) or None,
            is_known_by_name=is_first,
        )

    def add_room(self, room: dict[str, Any], kind: RoomType) -> ChannelRecord | None:
        """Return the record of an element of a room file; `None` if it has no id."""
        identity = text_of(room.get("id"))
        if not identity:
            return None
        name = text_of(room.get("name"))
        members = dict.fromkeys(map(self.identity, texts_of(room.get("members"))))
        if kind is RoomType.DIRECT and len(members) > _MOST_IN_DIRECT and name:
            kind = RoomType.PRIVATE
        self._folders[identity] = (identity, True)
        if name:
            self._rooms[identity] = name
            self._folders.setdefault(name, (identity, kind is not RoomType.PUBLIC))
            if kind is not RoomType.PUBLIC:
                self._folders[name] = (identity, True)
        created = number_of(room.get("created"))
        creator = self.identity(text_of(room.get("creator")))
        return ChannelRecord(
            import_ids=(identity,),
            type=kind,
            name=None if kind is RoomType.DIRECT else name or None,
            creator=creator or None,
            members=tuple(members),
            topic=text_of(dict_of(room.get("topic")).get("value")) or None,
            description=text_of(dict_of(room.get("purpose")).get("value")) or None,
            created_at=None if created is None else int(created) * 1000,
            is_archived=bool(room.get("is_archived")),
        )

    def knows_room_name(self, name: str) -> bool:
        """Tell whether a room has this name, so that their folder is one."""
        return bool(name) and name in self._folders

    def rooms_without(self, folders: Container[str]) -> int:
        """Return how many rooms have none of these folders."""
        used = {room for name, (room, _own) in self._folders.items() if name in folders}
        return len({room for room, _own in self._folders.values()} - used)

    def room_of(self, folder: str) -> str | None:
        """Return the id of a folder's room.

        Where a public and a private room share the name, it is the private one: what
        was said in private never lands in public.
        """
        return self._folders.get(folder, (None, False))[0]

    def identity(self, user: str) -> str:
        """Return the import id of a user id."""
        return SERVER_BOT if user == SLACKBOT else user

    def knows(self, identity: str) -> bool:
        """Tell whether somebody is known by this import id."""
        return identity in self._names

    def user_name(self, user: str) -> str | None:
        """Return the username of a user id."""
        return self._names.get(self.identity(user))

    def room_name(self, room: str) -> str | None:
        """Return the name of a room id."""
        return self._rooms.get(room)

    def author_of(
        self, element: dict[str, Any], report: Report
    ) -> tuple[str, Iterator[UserRecord]]:
        """Return who wrote a message, and records of those that nobody has described.

        The first of: `user`, whoever has the `bot_id`, a bot made of `bot_id` or
        `username`, the server's own bot.
        """
        user = self.identity(text_of(element.get("user")))
        bot = text_of(element.get("bot_id"))
        if user and (self.knows(user) or not bot):
            profile = dict_of(element.get("user_profile"))
            return user, self.placeholder(user, profile, report)
        if bot in self._bots:
            return self._bots[bot], iter(())
        shown = text_of(element.get("username"))
        identity = bot or (f"slack-bot-{shown}" if shown else "")
        if not identity:
            return SERVER_BOT, self.placeholder(SERVER_BOT, {}, report)
        return identity, self._bot(identity, element, shown, report)

    def placeholder(
        self, identity: str, profile: dict[str, Any], report: Report
    ) -> Iterator[UserRecord]:
        """Yield a record for somebody who is not in users.json, the first time."""
        if self.knows(identity):
            return
        if identity == SERVER_BOT:
            yield self._server_bot()
            return
        username = text_of(profile.get("name")) or identity.lower()
        self._names[identity] = username
        report.warn(
            "importer-placeholder-user",
            "People who are in messages or rooms, but not in users.json, get accounts"
            " that are switched off: partners from other workspaces, or people who"
            " left.",
        )
        yield UserRecord(
            import_ids=(identity,),
            username=username,
            name=text_of(profile.get("real_name")) or None,
            is_deleted=True,
            is_known_by_name=False,
        )

    def _bot(
        self, identity: str, element: dict[str, Any], shown: str, report: Report
    ) -> Iterator[UserRecord]:
        if self.knows(identity):
            return
        profile = dict_of(element.get("bot_profile"))
        name = text_of(profile.get("name")) or shown
        username = (shown or name or identity).lower()
        self._names[identity] = username
        report.warn(
            "importer-placeholder-bot",
            "Bots that are in messages, but not in users.json, get accounts.",
        )
        yield UserRecord(
            import_ids=(identity,),
            username=username,
            name=name or None,
            is_bot=True,
            is_known_by_name=False,
            roles=("bot",),
        )

    def _server_bot(self) -> UserRecord:
        self._names[SERVER_BOT] = SERVER_BOT
        return UserRecord(
            import_ids=(SERVER_BOT,),
            username=SERVER_BOT,
            name="Rocket.Cat",
            is_bot=True,
            roles=("bot",),
        )
