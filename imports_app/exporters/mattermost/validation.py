"""Validation of an archive for Mattermost's bulk import.

It also checks rules that `mmctl import validate` ignores and that stop a real import:
authors of replies and reactions, e-mail addresses, the order of the lines.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar, Final, NamedTuple
from zipfile import BadZipFile, ZipFile

import orjson

from config.errors import DomainError
from imports_app.exporters.mattermost import fields as rules
from imports_app.exporters.mattermost.fields import check_fields
from imports_app.exporters.mattermost.rules import (
    FOLDER,
    LARGEST_GROUP,
    LONGEST_LINE,
    SEGMENTS,
    SMALLEST_GROUP,
)

_CHECKED: Final = 100
"""Maximum number of violations of a line."""


class Violation(NamedTuple):
    """A rule that a line breaks."""

    line: int
    """0 for the archive as a whole."""
    message: str

    def __str__(self) -> str:
        return f"Line {self.line}: {self.message}" if self.line else self.message


class InvalidArchiveError(DomainError):
    """Mattermost would not import the archive that was written."""

    code: ClassVar[str] = "error-export-invalid"

    def __init__(self, path: Path, violation: Violation) -> None:
        super().__init__(
            f"The archive {path} is not valid. Don't import it, and report this error"
            f" of the server. {violation}"
        )


def validate(
    path: Path,
    existing_users: frozenset[str] = frozenset(),
    watch: Callable[[], None] = lambda: None,
) -> Iterator[Violation]:
    """Yield the violations in an archive.

    Args:
        path: The archive.
        existing_users: Usernames in Mattermost, which need no line in the archive.
        watch: Called before each line.

    Raises:
        OSError: The archive can't be read.
    """
    try:
        with ZipFile(path) as archive:
            names = [one for one in archive.namelist() if one.endswith(".jsonl")]
            if not names:
                yield Violation(0, "The archive contains no .jsonl file.")
                return
            folder = f"{FOLDER}/"
            files = frozenset(
                one.removeprefix(folder)
                for one in archive.namelist()
                if one.startswith(folder)
            )
            checker = _Checker(existing_users, files)
            number = 0
            with archive.open(names[0]) as file:
                while line := file.readline(LONGEST_LINE + 2):
                    number += 1
                    watch()
                    content = line.removesuffix(b"\n")
                    if len(content) > LONGEST_LINE:
                        yield Violation(number, "The line is longer than 16 MiB.")
                        return
                    for index, message in enumerate(checker.check(number, content)):
                        if index == _CHECKED:
                            break
                        yield Violation(number, message)
            if number == 0:
                yield Violation(0, "The .jsonl file is empty.")
    except (
        BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        RuntimeError,
    ) as error:
        yield Violation(0, f"The archive can't be read: {error}.")


class _Checker:
    """Checker of the lines, in their order."""

    def __init__(self, existing_users: frozenset[str], files: frozenset[str]) -> None:
        self._files = files
        self._segment = 0
        self._teams: set[str] = set()
        self._channels: set[tuple[str, str]] = set()
        self._users: set[str] = set(existing_users)
        self._new_users: set[str] = set()
        self._emails: set[str] = set()
        self._direct: set[frozenset[str]] = set()
        self._last_post: tuple[Any, ...] = ()

    def check(self, number: int, line: bytes) -> Iterator[str]:
        """Yield the violations in a line."""
        if not line.strip():
            yield "The line is empty."
            return
        try:
            value = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            yield f"The line is not JSON: {error}."
            return
        kind = value.get("type") if isinstance(value, dict) else None
        if not isinstance(kind, str) or kind not in SEGMENTS:
            yield "The line has no known type."
            return
        yield from self._order(number, kind)
        if kind == "version":
            if value.get("version") != 1:
                yield "The version is not 1."
            return
        content = value.get(kind)
        if not isinstance(content, dict):
            yield f"The line has no JSON object {kind}."
            return
        yield from self._content(kind, content)

    def _order(self, number: int, kind: str) -> Iterator[str]:
        if (number == 1) != (kind == "version"):
            yield "Exactly one line must contain the version: the first one."
        segment = SEGMENTS.index(kind)
        if segment < self._segment:
            yield f"{kind} must be before {SEGMENTS[self._segment]}."
        self._segment = max(segment, self._segment)

    def _content(self, kind: str, content: dict[str, Any]) -> Iterator[str]:
        expected, place, check = {
            "team": (rules.TEAM, "The team", self._team),
            "channel": (rules.CHANNEL, "The channel", self._channel),
            "user": (rules.USER, "The user", self._user),
            "post": (rules.POST, "The post", self._channel_post),
            "direct_channel": (
                rules.DIRECT_CHANNEL,
                "The direct channel",
                self._direct_channel,
            ),
            "direct_post": (rules.DIRECT_POST, "The post", self._direct_post),
        }[kind]
        errors = list(check_fields(content, expected, place))
        yield from errors or check(content)

    def _team(self, team: dict[str, Any]) -> Iterator[str]:
        if team["name"] in self._teams:
            yield f"The team {team['name']} is listed twice."
        self._teams.add(team["name"])

    def _channel(self, channel: dict[str, Any]) -> Iterator[str]:
        key = (channel["team"], channel["name"])
        if channel["team"] not in self._teams:
            yield f"There is no team {channel['team']}."
        if key in self._channels:
            yield f"The channel {channel['name']} is listed twice."
        self._channels.add(key)

    def _user(self, user: dict[str, Any]) -> Iterator[str]:
        name, email = user["username"], user["email"]
        if name in self._new_users:
            yield f"The user {name} is listed twice."
        if email in self._emails:
            yield f"Two users have the address {email}."
        if (user.get("auth_service") is None) != (user.get("auth_data") is None):
            yield "auth_service and auth_data must be used together."
        if user.get("password") is not None and user.get("auth_data") is not None:
            yield "Use either password or auth_data, not both."
        if (image := user.get("profile_image")) is not None:
            yield from self._file(image)
        self._users.add(name)
        self._new_users.add(name)
        self._emails.add(email)
        for team in user.get("teams") or ():
            errors = list(check_fields(team, rules.USER_TEAM, "A team of the user"))
            yield from errors or self._membership(user, team)

    def _membership(self, user: dict[str, Any], team: dict[str, Any]) -> Iterator[str]:
        is_guest = user.get("roles") == "system_guest"
        if (team.get("roles") == "team_guest") != is_guest:
            yield "A user must be a guest in all teams or in none."
        if team["name"] not in self._teams:
            yield f"There is no team {team['name']}."
        names = set()
        for channel in team.get("channels") or ():
            errors = list(
                check_fields(channel, rules.USER_CHANNEL, "A channel of the user")
            )
            yield from errors
            if errors:
                continue
            if (channel.get("roles") == "channel_guest") != is_guest:
                yield "A user must be a guest in all channels or in none."
            if (team["name"], channel["name"]) not in self._channels:
                yield f"There is no channel {channel['name']}."
            if channel["name"] in names:
                yield f"The user is listed twice in the channel {channel['name']}."
            names.add(channel["name"])

    def _direct_channel(self, channel: dict[str, Any]) -> Iterator[str]:
        members = channel["members"]
        yield from self._members(members)
        key = frozenset(members)
        if key in self._direct:
            yield "The direct channel of these members is listed twice."
        self._direct.add(key)
        participants = channel.get("participants")
        if participants is not None:
            errors = [
                error
                for one in participants
                for error in check_fields(one, rules.PARTICIPANT, "A participant")
            ]
            yield from errors
            if not errors and [one["username"] for one in participants] != members:
                yield "Members and participants must be the same."
        for name in ("favorited_by", "shown_by"):
            if not key.issuperset(channel.get(name) or ()):
                yield f"{name} contains a user who is not a member."

    def _members(self, members: list[str]) -> Iterator[str]:
        if len(members) != 2 and not SMALLEST_GROUP <= len(members) <= LARGEST_GROUP:
            yield f"A direct channel must have 2 to {LARGEST_GROUP} members."
        if len(members) > 2 and len(set(members)) < len(members):
            yield "A member of the direct channel is listed twice."
        for name in members:
            yield from self._known(name)

    def _known(self, name: str) -> Iterator[str]:
        if name not in self._users:
            yield f"There is no user {name}."

    def _file(self, path: object) -> Iterator[str]:
        if path not in self._files:
            yield f"There is no file {path!r} in the folder {FOLDER}."

    def _channel_post(self, post: dict[str, Any]) -> Iterator[str]:
        key = (post["team"], post["channel"])
        if key not in self._channels:
            yield f"There is no channel {post['channel']} in the team {post['team']}."
        yield from self._thread(post, key)

    def _direct_post(self, post: dict[str, Any]) -> Iterator[str]:
        members = post["channel_members"]
        yield from self._members(members)
        if frozenset(members) not in self._direct:
            yield "There is no direct channel of these members."
        yield from self._thread(post, frozenset(members))

    def _thread(self, post: dict[str, Any], channel: object) -> Iterator[str]:
        this = (channel, post["create_at"], post["message"])
        if this == self._last_post:
            yield "The post has the same time and text as the previous post."
        self._last_post = this
        yield from self._post(post)
        seen = {(post["create_at"], post["message"])}
        for reply in post.get("replies") or ():
            errors = list(check_fields(reply, rules.REPLY, "A reply"))
            yield from errors
            if errors:
                continue
            yield from self._post(reply)
            if reply["create_at"] < post["create_at"]:
                yield "A reply is earlier than the first post of its thread."
            key = (reply["create_at"], reply["message"])
            if key in seen:
                yield "A reply has the time and text of another post of the thread."
            seen.add(key)

    def _post(self, post: dict[str, Any]) -> Iterator[str]:
        yield from self._known(post["user"])
        for name in post.get("flagged_by") or ():
            yield from self._known(name)
        if post.get("edit_at") and post["edit_at"] < post["create_at"]:
            yield "A post must not be edited before it is sent."
        for attachment in post.get("attachments") or ():
            yield from self._file(attachment.get("path"))
        seen = set()
        for reaction in post.get("reactions") or ():
            errors = list(check_fields(reaction, rules.REACTION, "A reaction"))
            yield from errors
            if errors:
                continue
            yield from self._known(reaction["user"])
            if reaction["create_at"] < post["create_at"]:
                yield "A reaction is earlier than its post."
            key = (reaction["user"], reaction["emoji_name"])
            if key in seen:
                yield "A reaction is listed twice."
            seen.add(key)
