"""What should be in the workspace once a Slack export is imported."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

from tests.archives.expectation import Failure


class SlackSaid(NamedTuple):
    """A message with everything that a reader sees of it."""

    author: str
    """The username."""
    sent_at: int
    """Milliseconds since 1970."""
    text: str
    event: str = ""
    reply_to: int | None = None
    """When the message was sent that began the thread, if it is there."""
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
    """Everything that an import of the whole export should make."""

    users: list[str] = field(default_factory=list)
    inactive: list[str] = field(default_factory=list)
    """Usernames of those who were deleted, or whom users.json does not list."""
    rooms: dict[str, str] = field(default_factory=dict)
    """The type of each room, by its name; direct rooms by their people's names."""
    members: dict[str, list[str]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    said: dict[str, list[SlackSaid]] = field(default_factory=dict)
    """In order; left out of very large exports."""
    failures: list[Failure] = field(default_factory=list)
    left_out: dict[str, int] = field(default_factory=dict)
    """How many messages of each sort have no place here."""

    def as_json(self) -> dict[str, Any]:
        """Return it as plain JSON."""
        return asdict(self)

    def expect_message(self, room: str, said: SlackSaid, *, is_kept: bool) -> None:
        """Expect one more message."""
        self.counts[room] = self.counts.get(room, 0) + 1
        if is_kept:
            self.said.setdefault(room, []).append(said)
