"""What an import of a made-up source does to an empty workspace, exactly."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from tests.archives.expectation import Failure
from tests.archives.slack_expectation import SlackMessageFacts

STARTER: Final = "ada"
"""Who starts the imports, and owns rooms without a creator."""


BOT: Final = ("bot", "user")
GUEST: Final = ("guest",)
"""Roles of accounts that are not the usual ones."""


class PersonState(NamedTuple):
    """An account after the import."""

    name: str
    is_active: bool = True
    roles: tuple[str, ...] = ("user",)
    emails: tuple[str, ...] = ()


class RoomState(NamedTuple):
    """Who may read a room after the import."""

    type: str
    members: tuple[str, ...]


@dataclass
class Effect:
    """Everything an import reports, and everything it writes."""

    people: dict[str, PersonState] = field(default_factory=dict)
    """By username."""
    rooms: dict[str, RoomState] = field(default_factory=dict)
    """By name; direct rooms by the names of their members."""
    created: dict[str, int] = field(default_factory=dict)
    """Milliseconds since 1970 at which rooms were created, where it matters."""
    said: dict[str, list[SlackMessageFacts]] = field(default_factory=dict)
    """By room, in order."""
    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Numbers of records by kind and outcome."""
    failures: list[Failure] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    """Numbers of records that are skipped, by code."""
    warnings: Counter[str] = field(default_factory=Counter)
    guesses: Counter[str] = field(default_factory=Counter)
    guessed: Counter[str] = field(default_factory=Counter)
    """Numbers of records that rest on a guess, by kind."""
    record_guesses: Counter[str] = field(default_factory=Counter)
    """Numbers of users and rooms that are matched by a guess, by code."""
    facts: Counter[str] = field(default_factory=Counter)
    """What the report counts, without plain numbers of users, rooms and files."""

    @property
    def codes(self) -> set[str]:
        """Every code that the import reports."""
        failed = {failure.code for failure in self.failures}
        noted = {*self.skipped, *self.warnings, *self.guesses}
        return failed | noted | self.record_guesses.keys()

    def fail(self, kind: str, file: str, line: int, code: str) -> None:
        """Expect a record that fails."""
        self.outcomes[kind, "failed"] += 1
        self.failures.append(Failure(file, line, code))

    def skip(self, kind: str, code: str) -> None:
        """Expect a record that is skipped on purpose."""
        self.outcomes[kind, "skipped"] += 1
        self.skipped[code] += 1

    def guess(self, code: str, kind: str = "", records: int = 1) -> None:
        """Expect something that is guessed, and records that rest on it."""
        self.guesses[code] += 1
        if kind:
            self.guessed[kind] += records

    def add_person(self, username: str, state: PersonState) -> None:
        """Expect a new account."""
        if username in self.people:
            raise ValueError(username)
        self.outcomes["user", "imported"] += 1
        self.people[username] = state

    def add_room(self, label: str, state: RoomState) -> None:
        """Expect a new room."""
        if label in self.rooms:
            raise ValueError(label)
        self.outcomes["channel", "imported"] += 1
        self.rooms[label] = state
        self.said.setdefault(label, [])

    def add_message(self, room: str, said: SlackMessageFacts) -> None:
        """Expect a new message."""
        self.outcomes["message", "imported"] += 1
        self.said[room].append(said)
