"""Limits and formats of values in Mattermost's bulk import."""

from __future__ import annotations

import re
from typing import Final

DATA: Final = "data.jsonl"
"""Name of the file of lines in the archive."""
FOLDER: Final = "data"
"""Folder of files, to which paths of attachments are relative."""
LONGEST_LINE: Final = 16 * 1024 * 1024
LONGEST_MESSAGE: Final = 16_383
LONGEST_PROPS: Final = 800_000
LONGEST_NAME: Final = 64
"""Maximum length of usernames, names of teams and channels, and display names."""
LONGEST_EMAIL: Final = 128
LONGEST_POSITION: Final = 128
LONGEST_HEADER: Final = 1_024
LONGEST_PURPOSE: Final = 250
LONGEST_DESCRIPTION: Final = 255
SMALLEST_GROUP: Final = 3
LARGEST_GROUP: Final = 8
RESERVED_USERNAMES: Final = frozenset({"all", "channel", "matterbot", "system"})
EXISTING_CHANNELS: Final = frozenset({"town-square", "off-topic"})
"""Channels that every team has."""
SEGMENTS: Final = (
    *("version", "team", "channel", "user", "post"),
    *("direct_channel", "direct_post"),
)
"""Types of lines in their order."""
POST_TYPES: Final = frozenset(
    {
        *("", "me", "system_header_change", "system_purpose_change"),
        *("system_displayname_change", "system_join_channel", "system_leave_channel"),
        "system_add_to_channel",
    }
)
_USERNAME: Final = re.compile(r"[a-z0-9._-]+")
_TEAM: Final = re.compile(r"[a-z0-9][a-z0-9-]*[a-z0-9]")
_CHANNEL: Final = re.compile(r"[a-z0-9][a-z0-9_-]*")
_HIDDEN_CHANNEL: Final = re.compile(r"[0-9a-f]{40}|[a-z0-9]{26}__[a-z0-9]{26}")
"""Names of group and direct channels."""
_RESERVED_TEAMS: Final = (
    *("admin", "api", "boards", "channel", "claim", "error", "files", "help"),
    *("landing", "login", "mfa", "oauth", "playbooks", "plug", "plugins", "post"),
    "signup",
)
"""Reserved prefixes of team names."""
_LONGEST_EMOJI: Final = 64
_EMOJI: Final = re.compile(r"[a-zA-Z0-9+_-]+")
_LOCAL: Final = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~.-]+")
_LABEL: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")


def is_username(text: str) -> bool:
    """Return whether Mattermost accepts a username."""
    return (
        len(text) <= LONGEST_NAME
        and _USERNAME.fullmatch(text) is not None
        and text not in RESERVED_USERNAMES
    )


def is_team_name(text: str) -> bool:
    """Return whether Mattermost accepts the name of a team."""
    return (
        len(text) <= LONGEST_NAME
        and _TEAM.fullmatch(text) is not None
        and not text.startswith(_RESERVED_TEAMS)
    )


def is_channel_name(text: str) -> bool:
    """Return whether Mattermost accepts the name of a channel."""
    return (
        len(text) <= LONGEST_NAME
        and _CHANNEL.fullmatch(text) is not None
        and _HIDDEN_CHANNEL.fullmatch(text) is None
    )


def is_emoji_name(text: str) -> bool:
    """Return whether Mattermost accepts the name of a reaction's emoji."""
    return len(text) <= _LONGEST_EMOJI and _EMOJI.fullmatch(text) is not None


def is_domain(text: str) -> bool:
    """Return whether a text is a domain in lower case."""
    return all(
        len(label) <= 63 and _LABEL.fullmatch(label) is not None
        for label in text.split(".")
    )


def is_email(text: str) -> bool:
    """Return whether a text is one e-mail address in lower case, without a name."""
    local, _at, domain = text.rpartition("@")
    return (
        len(text) <= LONGEST_EMAIL
        and _LOCAL.fullmatch(local) is not None
        and not local.startswith(".")
        and not local.endswith(".")
        and ".." not in local
        and is_domain(domain)
    )
