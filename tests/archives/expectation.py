"""What should be in the workspace once an archive is imported."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple


class Said(NamedTuple):
    """A message as a reader sees it."""

    author: str
    """The username."""
    sent_at: int
    """Milliseconds since 1970."""
    text: str


class Failure(NamedTuple):
    """A row that does not come in."""

    file: str
    line: int
    code: str


@dataclass
class Expectation:
    """Everything that an import of the whole archive should make."""

    users: list[str] = field(default_factory=list)
    """Usernames, sorted."""
    rooms: dict[str, str] = field(default_factory=dict)
    """The type of each room, by its name; direct rooms by their people's names."""
    members: dict[str, list[str]] = field(default_factory=dict)
    """Sorted usernames by room."""
    counts: dict[str, int] = field(default_factory=dict)
    """Messages by room."""
    said: dict[str, list[Said]] = field(default_factory=dict)
    """What was said by room, in order; left out of very large archives."""
    failures: list[Failure] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return it as plain JSON."""
        return asdict(self)

    def expect_message(self, room: str, said: Said, *, is_kept: bool) -> None:
        """Expect one more message."""
        self.counts[room] = self.counts.get(room, 0) + 1
        if is_kept:
            self.said.setdefault(room, []).append(said)
