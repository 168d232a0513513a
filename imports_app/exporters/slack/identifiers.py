"""IDs and times of a Slack export.

Rocket.Chat's importer replaces IDs in texts with a pattern that ignores case and
boundaries. So IDs are letters and digits of a fixed length, and no ID is a prefix of
another one.
"""

from __future__ import annotations

import re
from base64 import b32encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Final

from imports_app.records import RoomType

SLACKBOT: Final = "USLACKBOT"
ROCKET_CAT: Final = "rocket.cat"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_SECOND: Final = 1_000_000
_FROM_SLACK: Final = re.compile(r"slack-.*-([0-9]{1,12})-([0-9]{6})")
_PREFIXES: Final = {RoomType.PUBLIC: "C", RoomType.PRIVATE: "G", RoomType.DIRECT: "D"}


def user_id(public_id: str) -> str:
    """Return the ID of a user in the export: 17 letters and digits."""
    return f"U{_digest(public_id)}"


def ids_of_users(usernames: Mapping[str, str]) -> dict[str, str]:
    """Return the IDs of users in the export, by ID.

    Slack's own bot represents Rocket.Chat's bot, which exists on every server.

    Args:
        usernames: Usernames by ID.
    """
    return {
        key: SLACKBOT if name == ROCKET_CAT else user_id(key)
        for key, name in usernames.items()
    }


def room_id(public_id: str, kind: RoomType) -> str:
    """Return the ID of a room in the export: 17 letters and digits."""
    return f"{_PREFIXES[kind]}{_digest(public_id)}"


def _digest(public_id: str) -> str:
    return b32encode(blake2b(public_id.encode(), digest_size=10).digest()).decode()


class Times:
    """Times of the messages of a room, each of which identifies one message."""

    def __init__(self) -> None:
        self._last = -1

    def next(self, sent_at: datetime, import_id: str) -> str:
        """Return the time of a message, later than the one before.

        A message from Slack keeps its original time.
        """
        moment = (sent_at - _EPOCH) // _MICROSECOND
        original = _FROM_SLACK.fullmatch(import_id)
        if original is not None and int(original[1]) == moment // _SECOND:
            moment = int(original[1]) * _SECOND + int(original[2])
        self._last = max(moment, self._last + 1)
        return as_time(self._last)


def time_of(moment: datetime) -> str:
    """Return a time in Slack's format: seconds and microseconds."""
    return as_time((moment - _EPOCH) // _MICROSECOND)


def as_time(microseconds: int) -> str:
    """Return Slack's format of a number of microseconds since 1970."""
    return f"{microseconds // _SECOND}.{microseconds % _SECOND:06d}"


def seconds_of(moment: datetime) -> int:
    """Return whole seconds since 1970."""
    return (moment - _EPOCH) // timedelta(seconds=1)
