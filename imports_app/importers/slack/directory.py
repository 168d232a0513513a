"""Users, bots and rooms of a Slack export by ID (importers.md 3.2 and 3.6)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, TypeAlias

from config.mail_addresses import addresses_of, is_address
from imports_app.importers.base import NO_ADDRESS, Report
from imports_app.importers.slack.content.text import Converted, convert_text, decoded
from imports_app.importers.slack.rejoined_users import Rejoined, is_inactive
from imports_app.importers.slack.rooms import Rooms
from imports_app.importers.workspace_scopes import SERVER_BOT
from imports_app.records import UserRecord
from imports_app.sources.json_streams import dict_of, flag_of, number_of, text_of

_BOT_FLAGS: Final = ("is_bot", "is_workflow_bot")
_GUEST_FLAGS: Final = ("is_restricted", "is_ultra_restricted")
SLACKBOT: Final = "USLACKBOT"
_NOBODY: Final[Iterator[UserRecord]] = iter(())
Place: TypeAlias = tuple[str, int | None]
"""File name and element number."""
_NO_AUTHOR: Final = (
    "importer-message-without-author",
    "Messages without an author are shown as messages of the server bot.",
)


def _text(value: Any) -> str:
    """Return a text of a profile, in which Slack escapes `&`, `<` and `>`."""
    return decoded(text_of(value))


class Directory:
    """Users, bots and rooms by ID; memory does not grow with the messages."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._taken: set[str] = set()
        self._bots: dict[str, str] = {}
        self._listed: dict[str, str | None] = {}
        """IDs by username in users.json; `None` for usernames of several users."""
        self._without_profile: dict[str, Place] = {}
        self.place: Place = ("", None)
        """The element that is being read."""
        self.rooms = Rooms()
        self.rejoined = Rejoined()

    def add_user(self, user: dict[str, Any], report: Report) -> UserRecord | None:
        """Convert an element of users.json to a record.

        Returns:
            The record; `None` if the element has no ID or a duplicate one.
        """
        identity = text_of(user.get("id"))
        if not identity:
            return None
        if self.knows(SERVER_BOT if identity == SLACKBOT else identity):
            report.count("users listed again")
            return None
        if identity == SLACKBOT:
            return self._server_bot()
        profile = dict_of(user.get("profile"))
        shown = _text(profile.get("display_name"))
        name = text_of(user.get("name")) or shown
        is_bot = any(map(flag_of, map(user.get, _BOT_FLAGS)))
        emails = addresses_of(text_of(profile.get("email")).strip())
        if is_bot and emails:
            # A bot has the address of its creator, who is another user.
            report.count("addresses of bots")
            emails = ()
        is_guest = not is_bot and any(map(flag_of, map(user.get, _GUEST_FLAGS)))
        username = name or identity.lower()
        is_first = username.lower() not in self._taken
        self._taken.add(username.lower())
        self._listed[username] = identity if username not in self._listed else None
        others = self.rejoined.others.get(identity, ())
        organisation = text_of(dict_of(user.get("enterprise_user")).get("id"))
        if organisation not in ("", identity, *others):
            others = (*others, organisation)
        self._names |= dict.fromkeys((identity, *others), username)
        if bot := text_of(profile.get("bot_id")):
            self._bots[bot] = identity
        if is_bot:
            report.count("bots")
        elif not any(map(is_address, emails)):
            report.count("users without e-mail address")
        self._note_bad_addresses(emails, report)
        if is_guest:
            report.count("guests")
        if flag_of(user.get("is_invited_user")):
            report.count("invited users")
        if flag_of(user.get("is_stranger")):
            report.count("users of other organisations")
        offset = number_of(user.get("tz_offset"))
        return UserRecord(
            import_ids=(identity, *others),
            username=username,
            emails=emails,
            name=_text(profile.get("real_name"))
            or _text(user.get("real_name"))
            or shown
            or None,
            is_bot=is_bot,
            is_deleted=is_inactive(user),
            roles=("bot",) if is_bot else (),
            is_guest=is_guest,
            avatar_url=text_of(profile.get("image_original"))
            or text_of(profile.get("image_512"))
            or None,
            utc_offset=None if offset is None else offset / 3600,
            status_text=report.shortened(_text(profile.get("status_text"))) or None,
            bio=_text(profile.get("title")) or None,
            is_known_by_name=is_first,
        )

    def _note_bad_addresses(self, emails: tuple[str, ...], report: Report) -> None:
        file, line = self.place
        for email in emails:
            if not is_address(email):
                report.warn(*NO_ADDRESS, file=file, line=line)

    def identity(self, user: str) -> str:
        """Return the import ID of a user ID.

        Some tools write usernames instead of IDs.
        """
        if user == SLACKBOT:
            return SERVER_BOT
        return user if user in self._names else self._listed.get(user) or user

    def knows(self, identity: str) -> bool:
        """Return whether a user has this import ID."""
        return identity in self._names

    def user_name(self, user: str) -> str | None:
        """Return the username of a user ID, or `None`."""
        identity = self.identity(user)
        if (name := self._names.get(identity)) is not None:
            return name
        return identity.lower() if identity in self._without_profile else None

    def convert(self, raw: str) -> Converted:
        """Convert a text's markup; return the text and its mentions."""
        return convert_text(raw, user_name=self.user_name, room_name=self.rooms.name_of)

    def author_of(
        self, element: dict[str, Any], report: Report
    ) -> tuple[str, Iterator[UserRecord]]:
        """Return the author's import ID, and a record if the author is unknown so far.

        The first of: `user`, the user with the `bot_id`, a placeholder bot with the
        `bot_id` or `username`, the server's own bot.
        """
        raw = element.get("user")
        if isinstance(raw, str) and raw in self._names and "bot_id" not in element:
            return raw, _NOBODY  # nearly all messages
        user = self.identity(text_of(raw))
        bot = text_of(element.get("bot_id"))
        if user and (self.knows(user) or not bot):
            profile = dict_of(element.get("user_profile"))
            return user, self.placeholder(user, profile, report)
        if bot in self._bots:
            return self._bots[bot], iter(())
        shown = text_of(element.get("username"))
        identity = bot or (f"slack-bot-{shown}" if shown else "")
        if not identity:
            file, line = self.place
            report.warn(*_NO_AUTHOR, file=file, line=line)
            return SERVER_BOT, self.placeholder(SERVER_BOT, {}, report)
        return identity, self._bot(identity, element, shown, report)

    def placeholder(
        self, identity: str, profile: dict[str, Any], report: Report
    ) -> Iterator[UserRecord]:
        """Yield a placeholder the first time a user is missing in users.json.

        Users without a profile are deferred until one is found: `late_placeholders`.
        """
        if self.knows(identity):
            return
        if identity == SERVER_BOT:
            yield self._server_bot()
        elif profile:
            yield self._person(identity, profile, report)
        else:
            self._without_profile.setdefault(identity, self.place)

    def late_placeholders(self, report: Report) -> Iterator[tuple[UserRecord, Place]]:
        """Yield placeholders for users without any profile, after the last message.

        Each has the place where the user appeared first.
        """
        for identity, place in self._without_profile.items():
            if not self.knows(identity):
                yield self._person(identity, {}, report), place

    def _person(
        self, identity: str, profile: dict[str, Any], report: Report
    ) -> UserRecord:
        shown = _text(profile.get("display_name"))
        username = text_of(profile.get("name")) or shown or identity.lower()
        self._names[identity] = username
        report.warn(
            "importer-placeholder-user",
            "Users who appear in messages or rooms but not in users.json are created as"
            " deactivated placeholder users. They have left, or are from another"
            " workspace.",
        )
        return UserRecord(
            import_ids=(identity,),
            username=username,
            name=_text(profile.get("real_name")) or shown or None,
            is_deleted=True,
            is_known_by_name=False,
        )

    def _bot(
        self, identity: str, element: dict[str, Any], shown: str, report: Report
    ) -> Iterator[UserRecord]:
        if self.knows(identity):
            return
        profile = dict_of(element.get("bot_profile"))
        shown = decoded(shown)
        name = _text(profile.get("name")) or shown
        username = (shown or name or identity).lower()
        self._names[identity] = username
        report.warn(
            "importer-placeholder-bot",
            "Bots that appear in messages but not in users.json are created as users.",
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
