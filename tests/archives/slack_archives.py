"""Generator of reproducible Slack exports."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, islice
from pathlib import Path
from random import Random
from typing import Any

import orjson

from tests.archives.slack_expectation import SlackExpectation, SlackMessageFacts
from tests.archives.slack_oddities import add_oddities

_EPOCH = 1_600_000_000
_PER_DAY = 400
_MOST_KEPT = 50_000
_PHRASES = (
    ("hello there", "hello there"),
    ("*bold* and ~struck~", "*bold* and ~struck~"),
    ("salt &amp; pepper, 1 &lt; 2", "salt & pepper, 1 < 2"),
    ("look at <https://example.org/a?b=1&amp;c=2>", None),
    ("the <https://example.org|site>", "the [site](https://example.org)"),
    ("<!channel> coffee :simple_smile:", "@all coffee :smile:"),
    ("<!here> später, 東京 🎉", "@here später, 東京 🎉"),
)
_EMOJIS = ("+1", "tada", "wave::skin-tone-3", "eyes")


@dataclass(frozen=True)
class SlackPlan:
    """Sizes of an archive."""

    users: int = 20
    channels: int = 4
    private_channels: int = 2
    directs: int = 5
    groups: int = 2
    messages: int = 500
    has_oddities: bool = True


@dataclass(frozen=True)
class _Room:
    id: str
    folder: str
    label: str
    """Name in the expectation."""
    members: tuple[int, ...]


def write_slack_archive(
    path: Path, plan: SlackPlan, *, seed: int = 1
) -> SlackExpectation:
    """Write an export and return the expected workspace.

    Memory does not grow with the messages: of more than fifty thousand the expectation
    has the numbers only.
    """
    random = Random(seed)  # noqa: S311 - made-up data
    expectation = SlackExpectation()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        writer = _Writer(archive, random, plan, expectation)
        rooms = writer.write_roots()
        share, rest = divmod(plan.messages, max(len(rooms), 1))
        for number, room in enumerate(rooms):
            writer.write_room(room, share + (rest if number == 0 else 0))
        if plan.has_oddities:
            add_oddities(
                archive,
                expectation,
                writer.names,
                channels=plan.channels,
                groups=writer.groups,
            )
    expectation.users = sorted(set(expectation.users))
    for said in expectation.messages.values():
        said.sort(key=lambda one: one.sent_at)
    return expectation


class _Writer:
    """Writer of the regular part of an export."""

    def __init__(
        self,
        archive: zipfile.ZipFile,
        random: Random,
        plan: SlackPlan,
        expectation: SlackExpectation,
    ) -> None:
        self._archive = archive
        self._random = random
        self._plan = plan
        self._expectation = expectation
        self._is_kept = plan.messages <= _MOST_KEPT
        self.groups = 0
        self.names = [f"user.{number:05}" for number in range(plan.users)]

    def write_roots(self) -> list[_Room]:
        """Write users and rooms."""
        plan, people = self._plan, range(self._plan.users)
        users = [self._user(number) for number in people]
        odd_users, odd_rooms = _ODD_ROOTS if plan.has_oddities else ([], [])
        write(self._archive, "users.json", [*users, *odd_users])
        self._expectation.users += self.names
        public = [self._channel("C", n) for n in range(plan.channels)]
        private = [self._channel("G", n) for n in range(plan.private_channels)]
        pairs = islice(combinations(people, 2), plan.directs)
        directs = [
            self._direct(f"D{n:05}", f"D{n:05}", pair) for n, pair in enumerate(pairs)
        ]
        triples = list(islice(combinations(people, 3), plan.groups))
        self.groups = len(triples)
        groups = [
            self._direct(f"GM{n:05}", f"mpdm-{'--'.join(map(str, three))}-1", three)
            for n, three in enumerate(triples)
        ]
        channels = [self._room(room, "channel") for room in public]
        write(self._archive, "channels.json", [*channels, *odd_rooms])
        write(self._archive, "groups.json", [self._room(r, "secret") for r in private])
        write(self._archive, "dms.json", [self._room(room) for room in directs])
        odd_groups = [_ODD_GROUP] if plan.has_oddities else []
        listed = [self._room(room, "mpdm") for room in groups]
        write(self._archive, "mpims.json", [*listed, *odd_groups])
        return [*public, *private, *directs, *groups]

    def _user(self, number: int) -> dict[str, Any]:
        profile = {"real_name": f"User Number {number}", "image_512": ""}
        if number % 7 != 3:
            profile["email"] = f"{self.names[number]}@example.org"
        is_deleted = number % 11 == 10
        if is_deleted:
            self._expectation.inactive.append(self.names[number])
        return {
            "id": f"U{number:05}",
            "name": self.names[number],
            "deleted": is_deleted,
            "is_bot": False,
            "tz_offset": 3600,
            "profile": profile,
        }

    def _channel(self, mark: str, number: int) -> _Room:
        name = f"{'channel' if mark == 'C' else 'secret'}-{number}"
        size = min(len(self.names), 8)
        members = tuple(self._random.sample(range(len(self.names)), size))
        self._expect_room(name, "c" if mark == "C" else "p", members)
        return _Room(f"{mark}{number:05}", name, name, members)

    def _direct(self, identity: str, folder: str, members: tuple[int, ...]) -> _Room:
        label = "/".join(sorted(self.names[number] for number in members))
        self._expect_room(label, "d", members)
        return _Room(identity, folder, label, members)

    def _expect_room(self, label: str, kind: str, members: tuple[int, ...]) -> None:
        self._expectation.rooms[label] = kind
        self._expectation.members[label] = sorted(self.names[n] for n in members)

    def _room(self, room: _Room, kind: str = "") -> dict[str, Any]:
        """Return a room as Slack lists it; one of two people has no name."""
        about = {"value": f"About {room.folder}", "creator": "", "last_set": 0}
        return {
            "id": room.id,
            "created": _EPOCH - 1000,
            "members": [f"U{number:05}" for number in room.members],
            **({"name": room.folder, "topic": about, "purpose": about} if kind else {}),
            **({"creator": f"U{room.members[0]:05}"} if kind else {}),
            **({"is_archived": room.folder.endswith("-1")} if kind != "mpdm" else {}),
        }

    def write_room(self, room: _Room, messages: int) -> None:
        """Write a room's days."""
        talk = self._talk(room)
        for day in range(0, messages, _PER_DAY):
            elements = list(islice(talk, min(_PER_DAY, messages - day)))
            number = day // _PER_DAY
            year, month = divmod(number // 28, 12)
            name = f"{2020 + year}-{month + 1:02}-{number % 28 + 1:02}.json"
            write(self._archive, f"{room.folder}/{name}", elements)

    def _talk(self, room: _Room) -> Iterator[dict[str, Any]]:
        """Yield messages: some begin threads, some reply, some have more than text."""
        now = _EPOCH
        root: int | None = None
        while True:
            now += self._random.randrange(1, 60)
            author = self._random.choice(room.members)
            slack, plain = self._text()
            element: dict[str, Any] = {
                "type": "message",
                "user": f"U{author:05}",
                "text": slack,
                "ts": f"{now}.000200",
            }
            more = self._more(element, now)
            chance = self._random.randrange(10)
            if chance == 0:
                root = now
                element |= {"thread_ts": f"{now}.000200", "reply_count": 1}
            elif chance < 4 and root is not None:
                element["thread_ts"] = f"{root}.000200"
                more["reply_to"] = root * 1000
            said = SlackMessageFacts(self.names[author], now * 1000, plain, **more)
            self._expectation.expect_message(room.label, said, is_kept=self._is_kept)
            yield element

    def _text(self) -> tuple[str, str]:
        slack, plain = self._random.choice(_PHRASES)
        if plain is None:
            plain = "look at https://example.org/a?b=1&c=2"
        if self._random.randrange(5) == 0:
            other = self._random.randrange(len(self.names))
            return f"<@U{other:05}> {slack}", f"@{self.names[other]} {plain}"
        return slack, plain

    def _more(self, element: dict[str, Any], now: int) -> dict[str, Any]:
        """Give some messages reactions, an edit, or a file."""
        more: dict[str, Any] = {}
        chance = self._random.randrange(20)
        if chance == 0:
            users = self._random.sample(range(len(self.names)), 2)
            emoji = self._random.choice(_EMOJIS)
            reaction = {"name": emoji, "users": [f"U{n:05}" for n in users], "count": 2}
            element["reactions"] = [reaction]
            names = tuple(self.names[number] for number in users)
            more["reactions"] = ((f":{emoji.partition('::')[0]}:", names),)
        elif chance == 1:
            element["edited"] = {"user": element["user"], "ts": f"{now + 30}.000000"}
            more["edited_at"] = (now + 30) * 1000
        elif chance == 2:
            name = f"report-{now}.txt"
            url = f"https://files.example.org/{now}/{name}?t=xoxe-secret"
            file = {"id": f"F{now}", "name": name, "url_private_download": url}
            element["files"] = [{**file, "mimetype": "text/plain", "size": 5}]
            more["files"] = (name,)
        return more


_ODD_ROOTS: tuple[list[Any], list[Any]] = (
    [
        {"id": "UBOT", "name": "helper", "is_bot": True, "profile": {"bot_id": "B1"}},
        {"id": "USLACKBOT", "name": "slackbot", "profile": {}},
        {"id": "UTWIN", "name": "twin", "profile": {"real_name": "User Number 0"}},
        {"id": "UTWIN", "name": "twin", "profile": None},
        {"id": "UGUEST", "name": "guest", "is_restricted": True},
        {"name": "no id"},
        "no object",
    ],
    [
        {"id": "CODD", "name": "odd", "creator": "UGONE", "members": None},
        {"id": "CJP", "name": "東京", "members": ["UBOT"]},
        {"id": "CDASH", "name": "my-odd_room", "members": [], "is_archived": True},
        {"name": "no-id"},
    ],
)


_ODD_GROUP = {"id": "GMODD", "name": "mpdm-gone-1", "members": None}


def write(archive: zipfile.ZipFile, name: str, content: Any) -> None:
    """Write JSON with a fixed date, so that exports are reproducible."""
    info = zipfile.ZipInfo(name, (2020, 9, 13, 12, 26, 40))
    info.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(info, orjson.dumps(content), compresslevel=1)
