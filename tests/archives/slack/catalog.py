"""All oddities of Slack exports, and the exports that are made of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from tests.archives.slack import contents, damage, files, history, people, rooms
from tests.archives.slack.draft import SlackDraft, SlackOddity

ODDITIES: Final[tuple[SlackOddity, ...]] = (
    *people.ODDITIES,
    *rooms.ODDITIES,
    *contents.ODDITIES,
    *history.ODDITIES,
    *files.ODDITIES,
    *damage.ODDITIES,
)


def draft_with(oddities: Iterable[SlackOddity]) -> SlackDraft:
    """Return an export with these oddities."""
    draft = SlackDraft()
    for add in oddities:
        add(draft)
    return draft
