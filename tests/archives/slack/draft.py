"""A Slack export to which oddities are added, with what an import makes of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeAlias

from tests.archives.effects import STARTER, Effect, PersonState, RoomState
from tests.archives.slack_expectation import SlackMessageFacts
from tests.cases.exports import NOON, channel, user

HALL: Final = "hall"
"""A public room for messages whose room makes no difference."""
ANN: Final = "UANN"
BOB: Final = "UBOB"
LISTS: Final = (
    *("users.json", "channels.json", "groups.json", "mpims.json", "dms.json"),
)


class SlackDraft:
    """An export of two people and a public room, which every oddity adds to.

    Oddities use people, rooms and times of their own, so that any of them can be
    combined.
    """

    def __init__(self) -> None:
        self.lists: dict[str, list[Any]] = {name: [] for name in LISTS}
        self.days: dict[str, list[Any]] = {}
        self.files: dict[str, Any] = {}
        """Further entries: bytes and texts as they are, anything else as JSON."""
        self.before: dict[str, Any] = {}
        """An export that is imported first."""
        self.kept = Effect()
        """What that one leaves in the workspace."""
        self.scope = ""
        """What stands before the ids of this export after the import."""
        self.accounts: dict[str, str] = {}
        """Usernames by the ids of the export."""
        self.effect = Effect()
        self.effect.warnings["importer-kind-of-export"] = 1
        self._second = 0
        self.person(ANN, "ann", "ann@base.example")
        self.person(BOB, "bob", "bob@base.example")
        self.room("CHALL", HALL, ANN, BOB)
        self.say(HALL, ANN, "welcome")

    def add_list_element(self, file: str, element: Any) -> int:
        """Add an element to a list of users or rooms; return its number."""
        elements = self.lists.setdefault(file, [])
        elements.append(element)
        return len(elements)

    def person(
        self,
        identity: str,
        name: str,
        email: str = "",
        *,
        account: str = "",
        is_active: bool = True,
        roles: tuple[str, ...] = ("user",),
        file: str = "users.json",
        **more: Any,
    ) -> int:
        """List somebody who becomes an account; return the number in the file."""
        element = user(identity, name, email, **more)
        self.expect_person(
            identity,
            account or name,
            PersonState(
                element["profile"]["real_name"],
                is_active,
                roles,
                (email,) if email else (),
            ),
        )
        return self.add_list_element(file, element)

    def expect_person(self, identity: str, account: str, state: PersonState) -> None:
        """Expect the account of an id, whether or not it is listed."""
        self.accounts[identity] = account
        self.effect.add_person(account, state)

    def unlisted_user(self, identity: str, account: str, name: str) -> None:
        """Expect the deactivated account of somebody who is not listed."""
        self.effect.warnings["importer-placeholder-user"] += 1
        self.expect_person(identity, account, PersonState(name, is_active=False))

    def room(
        self,
        identity: str,
        name: str,
        *members: str,
        kind: str = "c",
        file: str = "channels.json",
        label: str = "",
        **more: Any,
    ) -> int:
        """List a room; return its number in the file.

        Args:
            identity: Its id.
            name: Its name in the export.
            members: Ids of people; the first one created it.
            kind: The type that it gets.
            file: The list.
            label: Its name in the workspace, if that is another one.
            more: Further keys, or other values of the usual ones.
        """
        self.expect_room(label or name, *members, kind=kind)
        return self.add_list_element(file, channel(identity, name, *members, **more))

    def expect_room(self, label: str, *members: str, kind: str = "c") -> None:
        """Expect a room with these members; without any, the initiator owns it."""
        accounts = sorted({self.accounts[one] for one in members}) or [STARTER]
        if not members:
            self.effect.warnings["importer-unknown-creator"] += 1
        self.effect.add_room(label, RoomState(kind, tuple(accounts)))

    def direct_label(self, *members: str) -> str:
        """Return how a direct room of these people is called."""
        return "/".join(sorted(self.accounts[one] for one in members))

    def say(
        self,
        folder: str,
        author: str,
        text: str,
        *,
        room: str = "",
        shown: str | None = None,
        says: dict[str, Any] | None = None,
        **more: Any,
    ) -> int:
        """Write a message that is imported; return its number in its file.

        Args:
            folder: The folder of the room.
            author: An id.
            text: The text in the export.
            room: The room's name in the workspace, if it is not the folder's.
            shown: The text in the workspace, if it is another one.
            says: Further fields of the expected `SlackMessageFacts`.
            more: Further keys of the element.
        """
        element = {**self.message(author, text), **more}
        self.expect_message(room or folder, element, shown=shown, **(says or {}))
        element = {key: one for key, one in element.items() if one != GONE}
        return self.add_element(folder, element)

    def expect_message(
        self,
        room: str,
        element: dict[str, Any],
        *,
        shown: str | None = None,
        **says: Any,
    ) -> None:
        """Expect an element to become a message.

        Args:
            room: The room's name in the workspace.
            element: As the export has it, with a time of Slack's form.
            shown: The text in the workspace, if it is another one.
            says: Further fields of the `SlackMessageFacts`.
        """
        user = element["user"]
        fields = {
            "author": self.accounts.get(user, user),
            "sent_at": int(float(element["ts"]) * 1000),
            "text": element["text"] if shown is None else shown,
            **says,
        }
        self.effect.add_message(room, SlackMessageFacts(**fields))

    def add_element(self, folder: str, element: Any) -> int:
        """Write an element of a day; return its number in its file."""
        elements = self.days.setdefault(day_of(folder), [])
        elements.append(element)
        return len(elements)

    def message(self, author: str, text: str, **more: Any) -> dict[str, Any]:
        """Return a message that no other one shares its time with."""
        ts = ts_of(self.next_second())
        return {"type": "message", "user": author, "text": text, "ts": ts, **more}

    def skip_message(self, sort: str, code: str, element: dict[str, Any]) -> None:
        """Write a message of the hall that is skipped on purpose.

        Args:
            sort: How the report counts it.
            code: The warning that explains it.
            element: What it has besides author and time.
        """
        self.add_element(HALL, {**self.message(ANN, ""), **element})
        self.effect.skip("message", "importer-message-left-out")
        self.effect.warnings[code] += 1
        self.effect.facts[f"messages left out ({sort})"] += 1

    def fail_message(self, folder: str, element: Any, code: str) -> None:
        """Write an element that fails."""
        line = self.add_element(folder, element)
        self.effect.fail("message", day_of(folder), line, code)

    def next_second(self) -> int:
        """Return a time that no message has."""
        self._second += 1
        return self._second

    def entries(self) -> dict[str, Any]:
        """Return the files of the export."""
        return {**self.lists, **self.days, **self.files}


GONE: Final = "no such key"
"""Removes a usual key from a message."""
SlackOddity: TypeAlias = Callable[[SlackDraft], None]


def day_of(folder: str) -> str:
    """Return the file that `SlackDraft.say` writes to."""
    return f"{folder}/2021-03-01.json"


def ts_of(second: int) -> str:
    """Return a time as Slack writes it."""
    return f"{NOON + second}.000100"
