"""Counts of what a format can't contain."""

from __future__ import annotations

from collections import Counter
from enum import Enum


class Loss(Enum):
    """Content that an archive doesn't contain, or contains in another form."""

    ATTACHMENTS = "Attachments of apps, of which only the text is included"
    BOT_NAMES = "Messages of bots, which are shown under the bot's username"
    DELETED_USERS = "Authors whose account was deleted, who are included as deactivated"
    EDITS = "Times of edits"
    EMPTY = "Messages without text, which are not included"
    EVENTS = "Room events, such as joins, which are not included"
    FILES = "Attached files, which are not included"
    GROUPS = "Group direct messages, which become private rooms"
    MILLISECONDS = (
        "Messages that Rocket.Chat may show in another order: it keeps times in seconds"
    )
    REACTIONS = "Reactions: Rocket.Chat's importer doesn't read them correctly"
    REACTIONS_OF_OTHERS = "Reactions of users who are not in the export"
    RENAMED_ROOMS = "Rooms that are renamed, because a folder can't have their name"
    REPLIES = "Replies, which become messages of the room"
    REPLIES_WITHOUT_FIRST = (
        "Replies without an earlier first message in the export, which become messages"
        " of the room"
    )


class Losses:
    """Number of each loss of an export."""

    def __init__(self) -> None:
        self._counts: Counter[Loss] = Counter()

    def count(self, loss: Loss, number: int = 1) -> None:
        """Add to the number of a loss."""
        if number:
            self._counts[loss] += number

    def by_loss(self) -> dict[Loss, int]:
        """Return the numbers in the order of `Loss`, without zeros."""
        return {loss: self._counts[loss] for loss in Loss if self._counts[loss]}
