"""Count attacks and report how many succeeded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

HERE = Path(__file__).parent
_TRIED = "attacks tried"
_SUCCEEDED = "attacks that got through"


@dataclass
class Attacks:
    """The attacks of one test. A test that records none counts as one attack."""

    tried: int = 0
    succeeded: list[str] = field(default_factory=list)

    def record(self, name: str, *, got_through: bool) -> None:
        """Count an attack; the test fails at its end if any attack got through."""
        self.tried += 1
        if got_through:
            self.succeeded.append(name)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder, so that `make test-security` selects it."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.security)


@pytest.fixture
def attacks(request: pytest.FixtureRequest) -> Iterator[Attacks]:
    """Record the attacks of a test that tries many, and fail if one got through."""
    recorded = Attacks()
    yield recorded
    request.node.user_properties += [
        (_TRIED, recorded.tried),
        (_SUCCEEDED, len(recorded.succeeded)),
    ]
    assert recorded.tried, "The test recorded no attack."
    assert recorded.succeeded == []


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the number of attacks and how many of them got through."""
    tried = succeeded = 0
    # Reports of setups and teardowns that passed have no category.
    for category in ("passed", "failed", "error", ""):
        for report in terminalreporter.stats.get(category, ()):
            if "security" not in getattr(report, "keywords", ()):
                continue
            recorded = dict(report.user_properties)
            if report.when == "teardown":
                tried += recorded.get(_TRIED, 1)
            if category in ("failed", "error"):
                succeeded += recorded.get(_SUCCEEDED) or 1
    if tried:
        terminalreporter.write_line(
            f"Attacks: {tried} tried, {succeeded} got through", bold=True
        )
