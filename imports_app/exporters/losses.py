"""Counters of content that a format can't contain."""

from __future__ import annotations

from collections import Counter
from enum import Enum


class Loss(Enum):
    """Kind of content that an archive omits or changes."""

    ADDED_ADDRESSES = "Users without a valid e-mail address, who get a generated one"
    ARCHIVED_ROOMS = "Archived rooms, which are not archived on the other server"
    ATTACHMENTS = "Attachments of apps, of which only the text is included"
    AVATARS = "Avatars, which are not included"
    BOT_NAMES = "Messages of bots, which are shown under the bot's username"
    CUT_THREADS = "Threads that are too large, which are continued in another thread"
    DELETED_USERS = (
        "Authors whose account was deleted, who are included as deactivated users"
    )
    EDITS = "Times of edits, which are not included"
    EMPTY = "Messages without text, which are not included"
    EVENTS = "Room events, such as joins, which are not included"
    EXISTING_USERS = "Existing users, whom you must add to their rooms yourself"
    FILES = "Attached files, which are not included"
    GROUPS = "Group direct messages, which become private rooms"
    LARGE_ATTACHMENTS = "Attachments of apps that are too large, which are not included"
    MERGED_ROOMS = "Direct messages of the same members, which become one channel"
    MILLISECONDS = (
        "Messages that Rocket.Chat may show in another order: it keeps times in seconds"
    )
    REACTIONS = (
        "Reactions, which are not included: Rocket.Chat's importer doesn't read them"
        " correctly"
    )
    REACTIONS_OF_OTHERS = (
        "Reactions of users who are not in the export, which are not included"
    )
    REFUSED_REACTIONS = (
        "Reactions whose emoji name is not allowed, and those after the first 10,000 of"
        " a message, which are not included"
    )
    RENAMED_ROOMS = (
        "Rooms that are renamed, because their name is not allowed or not unique"
    )
    RENAMED_USERS = (
        "Users who are renamed, because their name is not allowed or not unique"
    )
    REPLIES = "Replies, which become messages of the room"
    REPLIES_WITHOUT_FIRST = (
        "Replies without an earlier first message in the export, which become messages"
        " of the room"
    )
    SHORTENED = "Names and descriptions that are too long, which are shortened"
    SPLIT_MESSAGES = "Messages that are too long, which are continued in replies"
    TIMES = "Messages moved by some milliseconds, because times must be unique"
    UNKNOWN_REFERENCES = (
        "Mentions and editors that are not included: the user is not in the export"
    )
    UNKNOWN_AUTHORS = "Messages that are not included: the author is not in the export"


class Losses:
    """Numbers of an export's losses by kind."""

    def __init__(self) -> None:
        self._counts: Counter[Loss] = Counter()

    def count(self, loss: Loss, number: int = 1) -> None:
        """Add to the number of a loss."""
        if number:
            self._counts[loss] += number

    def by_loss(self) -> dict[Loss, int]:
        """Return the numbers in the order of `Loss`, without zeros."""
        return {loss: self._counts[loss] for loss in Loss if self._counts[loss]}
