"""Generator of reproducible CSV archives."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import combinations, islice
from pathlib import Path
from random import Random
from typing import TextIO

from tests.archives.expectation import Expectation, MessageFacts
from tests.archives.oddities import add_oddities

_EPOCH = 1_600_000_000_000
_PER_FILE = 50_000
_MOST_KEPT = 50_000
_WORDS = (
    *("the", "import", "server", "takes", "messages", "out", "of", "an", "archive"),
    *("hello", "thanks", "coffee", "deploy", "review", "später", "déjà", "東京", "🎉"),
)


@dataclass(frozen=True)
class Plan:
    """Sizes of an archive."""

    users: int = 20
    channels: int = 4
    private_channels: int = 2
    directs: int = 6
    messages: int = 500
    has_oddities: bool = True


def write_csv_archive(path: Path, plan: Plan, *, seed: int = 1) -> Expectation:
    """Write an archive and return the expected workspace.

    Memory does not grow with the messages: of more than fifty thousand the expectation
    has the numbers only.
    """
    random = Random(seed)  # noqa: S311 - made-up data
    expectation = Expectation()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        people = [f"user.{number:05}" for number in range(plan.users)]
        writer = _Writer(archive, random, plan, people, expectation)
        writer.write_users()
        writer.write_channels()
        writer.write_messages()
        if plan.has_oddities:
            add_oddities(archive, people, expectation)
    expectation.users = sorted({*people, *expectation.users})
    for room in expectation.members:
        expectation.members[room] = sorted(set(expectation.members[room]))
        expectation.messages.get(room, []).sort(key=lambda said: said.sent_at)
    return expectation


class _Writer:
    """Writer of the regular part of an archive."""

    def __init__(
        self,
        archive: zipfile.ZipFile,
        random: Random,
        plan: Plan,
        people: list[str],
        expectation: Expectation,
    ) -> None:
        self._archive = archive
        self._random = random
        self._plan = plan
        self._people = people
        self._expectation = expectation
        self._is_kept = plan.messages <= _MOST_KEPT

    def write_users(self) -> None:
        """Write users.csv."""
        with entry(self._archive, "users.csv") as file:
            for number, username in enumerate(self._people):
                email = "" if number % 7 == 3 else f"{username}@example.org"
                file.write(f'"{username}","{email}","User Number {number}"\n')
            if self._plan.has_oddities:
                file.write("\n   spaced.out , spaced@example.org , Spaced Out \n\n")
                file.write('"newcomer","new@example.org"\n')
                self._expectation.users += ["spaced.out", "newcomer"]

    def write_channels(self) -> None:
        """Write channels.csv."""
        with entry(self._archive, "channels.csv") as file:
            for name, access in self._channels():
                creator = self._random.choice(self._people)
                size = min(len(self._people), 8)
                members = self._random.sample(self._people, size)
                file.write(f'"{name}","{creator}","{access}","{";".join(members)}"\n')
                self._expectation.rooms[name] = "p" if access == "private" else "c"
                self._expectation.members[name] = [creator, *members]
            if self._plan.has_oddities:
                file.write(f'odd,{self._people[0]},public,"{self._people[0]};nobody"\n')
                file.write('"東京","nobody","PRIVATE",""\n')
                file.write(f'k\u00fchl,{self._people[0]},privat,""\n')

    def _channels(self) -> list[tuple[str, str]]:
        public = [(f"channel-{n}", "public") for n in range(self._plan.channels)]
        private = [
            (f"secret-{n}", "private") for n in range(self._plan.private_channels)
        ]
        return public + private

    def write_messages(self) -> None:
        """Write a folder for each channel, and the direct messages."""
        rooms = [name for name, _access in self._channels()]
        places = len(rooms) + (1 if self._plan.directs else 0)
        share, rest = divmod(self._plan.messages, max(places, 1))
        for number, room in enumerate(rooms):
            self._write_room(room, share + (rest if number == 0 else 0))
        if self._plan.directs:
            self._write_directs(share)

    def _write_room(self, room: str, messages: int) -> None:
        times = self._times()
        for start in range(0, messages, _PER_FILE):
            with entry(self._archive, f"{room}/{start // _PER_FILE:03}.csv") as file:
                for sent_at in islice(times, min(_PER_FILE, messages - start)):
                    said = MessageFacts(
                        self._random.choice(self._people), sent_at, self._text()
                    )
                    file.write(f'"{said.author}","{said.sent_at}","{said.text}"\n')
                    self._expect(room, said)

    def _write_directs(self, messages: int) -> None:
        pairs = list(islice(combinations(self._people, 2), self._plan.directs))
        times = self._times()
        with entry(self._archive, "directmessages/all.csv") as file:
            for sent_at in islice(times, messages):
                first, second = self._random.choice(pairs)
                room = f"{first}/{second}"
                said = MessageFacts(first, sent_at, self._text())
                file.write(f'"{first}","{second}","{sent_at}","{said.text}"\n')
                self._expectation.rooms[room] = "d"
                self._expectation.members[room] = [first, second]
                self._expect(room, said)

    def _expect(self, room: str, said: MessageFacts) -> None:
        self._expectation.expect_message(room, said, is_kept=self._is_kept)

    def _times(self) -> Iterator[int]:
        """Yield times that never come twice."""
        now = _EPOCH
        while True:
            now += self._random.randrange(1, 60_000)
            yield now

    def _text(self) -> str:
        return " ".join(self._random.choices(_WORDS, k=self._random.randrange(1, 12)))


@contextmanager
def entry(archive: zipfile.ZipFile, name: str) -> Iterator[TextIO]:
    """Write a text entry with a fixed date, so that archives are reproducible."""
    info = zipfile.ZipInfo(name, (2020, 9, 13, 12, 26, 40))
    info.compress_type = zipfile.ZIP_DEFLATED
    with (
        archive.open(info, "w", force_zip64=True) as raw,
        io.TextIOWrapper(raw, "utf-8", newline="") as text,
    ):
        yield text
