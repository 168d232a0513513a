"""An archive of tables to which oddities are added, with what an import makes of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from tests.archives.effects import STARTER, Effect, PersonState, RoomState
from tests.archives.slack_expectation import SlackMessageFacts
from tests.cases.tables import NOON

PEOPLE: Final = ("kai", "lea", "mara", "nils", "oda", "per")
"""People whose rows are as they should be."""
DOCK: Final = "dock"
"""A public room for messages whose room makes no difference."""
Rows: TypeAlias = list[Sequence[str]]
Content: TypeAlias = str | bytes


class TablesDraft:
    """An archive of six people and a room, which every oddity adds to."""

    def __init__(self) -> None:
        self.users: Rows = []
        self.channels: Rows = []
        self.files: dict[str, Content] = {}
        """Further files."""
        self.existing: list[str] = []
        """Usernames of accounts that exist before the import."""
        self.accounts: dict[str, str] = {}
        """Usernames in the workspace by those in the tables."""
        self.private: set[str] = set()
        """Import ids of rooms that must not be public."""
        self.effect = Effect()
        self._second = 0
        for name in PEOPLE:
            self.person(name, f"{name}@harbour.example", f"{name.title()} Holm")
        self.room(DOCK, "kai", "public", "lea")

    def person(
        self, username: str, email: str = "", name: str = "", *, account: str = ""
    ) -> int:
        """Add a row of somebody who becomes an account; return its line."""
        account = account or username
        emails = (email,) if email else ()
        self.expect_person(username or email, account, PersonState(name, emails=emails))
        return self.add_user(username, email, name)

    def expect_person(self, key: str, account: str, state: PersonState) -> None:
        """Expect the account that this username, or address, of the tables leads to."""
        self.accounts[key] = account
        self.effect.add_person(account, state)

    def add_user(self, *cells: str) -> int:
        """Add a row to users.csv; return its line."""
        self.users.append(cells)
        return len(self.users)

    def add_channel(self, *cells: str) -> int:
        """Add a row to channels.csv; return its line."""
        self.channels.append(cells)
        return len(self.channels)

    def room(
        self,
        name: str,
        creator: str,
        access: str,
        *members: str,
        kind: str = "c",
        label: str = "",
    ) -> int:
        """Add a row of a room; return its line."""
        self.expect_room(label or name, creator, *members, kind=kind)
        if kind == "p":
            self.private.add(f"csv-p-{name}")
        return self.add_channel(name, creator, access, ";".join(members))

    def expect_room(self, label: str, *people: str, kind: str = "c") -> None:
        """Expect a room; whoever is nobody's account is no member."""
        known = {self.accounts[one] for one in people if one in self.accounts}
        if people[0] not in self.accounts and kind != "d":
            known.add(STARTER)
        self.effect.add_room(label, RoomState(kind, tuple(sorted(known))))

    def next_time(self) -> int:
        """Return a time in milliseconds that no message has."""
        self._second += 1
        return NOON + self._second * 1000

    def say(self, room: str, author: str, text: str, *, time: int = 0) -> list[str]:
        """Expect a message; return its row."""
        time = time or self.next_time()
        account = self.accounts.get(author, author)
        self.effect.add_message(room, SlackMessageFacts(account, time, text))
        return [author, str(time), text]

    def fail(self, file: str, line: int, code: str, kind: str = "message") -> None:
        """Expect a row that fails."""
        self.effect.fail(kind, file, line, code)


TablesOddity: TypeAlias = Callable[[TablesDraft], None]
