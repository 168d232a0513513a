"""Results of checks of connected servers."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from imports_app.remote.errors import RemoteError

Level = Literal["ok", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Finding:
    """Result of one part of a check."""

    level: Level
    code: str
    text: str
    advice: str = ""
    """What to do; empty if no action is needed."""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """Result of a check."""

    version: str
    findings: tuple[Finding, ...]

    @property
    def documents(self) -> list[dict[str, Any]]:
        """The findings as JSON."""
        return [asdict(finding) for finding in self.findings]


def failure_of(code: str, error: RemoteError) -> Finding:
    """Return the finding for a failed call."""
    sentence, _separator, advice = error.message.partition(". ")
    return Finding(
        "error",
        code,
        sentence.rstrip(".") + ".",
        advice or "Check the address and the settings of the server, then check again.",
    )
