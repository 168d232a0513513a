"""Expected workspace after importing a Slack export."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

from tests.archives.expectation import Failure


class SlackMessageFacts(NamedTuple):
    """Message with everything that users see."""

    author: str
    """The username."""
    sent_at: int
    """Milliseconds since 1970."""
    text: str
    event: str = ""
    reply_to: int | None = None
    """Time of the thread's first message, if it exists."""
    edited_at: int | None = None
    alias: str = ""
    reactions: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Usernames by emoji."""
    files: tuple[str, ...] = ()
    """Names."""
    attached: tuple[dict[str, Any], ...] = ()
    """What apps show below the text, and shared messages."""


@dataclass
class SlackExpectation:
    """Expected result of importing the whole export."""

    users: list[str] = field(default_factory=list)
    inactive: list[str] = field(default_factory=list)
    """Usernames of deleted users and of users missing in users.json."""
    rooms: dict[str, str] = field(default_factory=dict)
    """Type of each room by name; direct rooms by their members' names."""
    members: dict[str, list[str]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    messages: dict[str, list[SlackMessageFacts]] = field(default_factory=dict)
    """In order; empty for very large exports."""
    failures: list[Failure] = field(default_factory=list)
    left_out: dict[str, int] = field(default_factory=dict)
    """Number of messages that are not imported, by subtype."""

    def as_json(self) -> dict[str, Any]:
        """Return it as plain JSON."""
        return asdict(self)

    def expect_message(
        self, room: str, message: SlackMessageFacts, *, is_kept: bool
    ) -> None:
        """Expect one more message."""
        self.counts[room] = self.counts.get(room, 0) + 1
        if is_kept:
            self.messages.setdefault(room, []).append(message)
