"""Expected workspace after importing an archive."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple


class MessageFacts(NamedTuple):
    """Message as users see it."""

    author: str
    """The username."""
    sent_at: int
    """Milliseconds since 1970."""
    text: str


class Failure(NamedTuple):
    """Row that fails."""

    file: str
    line: int
    code: str


@dataclass
class Expectation:
    """Expected result of importing the whole archive."""

    users: list[str] = field(default_factory=list)
    """Usernames, sorted."""
    rooms: dict[str, str] = field(default_factory=dict)
    """Type of each room by name; direct rooms by their members' names."""
    members: dict[str, list[str]] = field(default_factory=dict)
    """Sorted usernames by room."""
    counts: dict[str, int] = field(default_factory=dict)
    """Messages by room."""
    messages: dict[str, list[MessageFacts]] = field(default_factory=dict)
    """Messages by room, in order; empty for very large archives."""
    failures: list[Failure] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return it as plain JSON."""
        return asdict(self)

    def expect_message(
        self, room: str, message: MessageFacts, *, is_kept: bool
    ) -> None:
        """Expect one more message."""
        self.counts[room] = self.counts.get(room, 0) + 1
        if is_kept:
            self.messages.setdefault(room, []).append(message)
