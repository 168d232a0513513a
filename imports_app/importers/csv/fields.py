"""Tables of the CSV layout, their fields, and known header names."""

from __future__ import annotations

import re
from enum import Enum
from typing import Final


class Table(Enum):
    """Table that a file holds."""

    USERS = "users"
    CHANNELS = "channels"
    MESSAGES = "messages"
    DIRECT = "directmessages"


ORDER: Final[dict[Table, tuple[str, ...]]] = {
    Table.USERS: ("username", "email", "name"),
    Table.CHANNELS: ("name", "creator", "type", "members"),
    Table.MESSAGES: ("author", "time", "text"),
    Table.DIRECT: ("author", "recipient", "time", "text"),
}
"""The documented order of columns."""
OPTIONAL: Final[dict[Table, tuple[str, ...]]] = {Table.USERS: ("active",)}
"""Further fields, available only with a header or an assignment."""
NEEDED: Final[dict[Table, tuple[str, ...]]] = {
    Table.USERS: (),
    Table.CHANNELS: ("name",),
    Table.MESSAGES: ("author", "time", "text"),
    Table.DIRECT: ("author", "recipient", "time", "text"),
}
"""Required fields of each table."""
_TIME: Final = (
    "time|timestamp|ts|date|datetime|sent|sent at|created|created at"
    "|zeit|datum|zeitstempel"
)
_TEXT: Final = "text|message|msg|body|content|nachricht"
_NAMES: Final[dict[Table, dict[str, str]]] = {
    Table.USERS: {
        "username": "username|user name|user|login|login name|logon name|nickname"
        "|samaccountname|uid|user principal name|userprincipalname|benutzername",
        "email": "email|e mail|mail|email address|e mail address|emails|primary email"
        "|work email|email 1 value|e mail adresse",
        "name": "name|full name|fullname|display name|displayname|real name|cn"
        "|common name|vollständiger name",
        "first_name": "first name|firstname|given name|givenname|vorname",
        "last_name": "last name|lastname|surname|family name|sn|nachname",
        "active": "accountenabled|account enabled|active|is active|enabled"
        "|is enabled|aktiv|useraccountcontrol|account status|user status|status",
        "deactivated": "suspended|is suspended|deactivated|is deactivated|disabled"
        "|is disabled|account disabled|deleted|is deleted|blocked|is blocked"
        "|deaktiviert|gesperrt",
    },
    Table.CHANNELS: {
        "name": "name|channel|channel name|room|room name|kanal|raum",
        "creator": "creator|owner|created by|besitzer|ersteller",
        "type": "type|visibility|privacy|private|access|is private|sichtbarkeit|typ",
        "public": "public|is public|öffentlich",
        "members": "members|users|member|people|mitglieder",
    },
    Table.MESSAGES: {
        "author": "author|username|user|from|sender|user name|autor|von|absender",
        "time": _TIME,
        "text": _TEXT,
    },
    Table.DIRECT: {
        "author": "author|from|sender|from user|von|absender",
        "recipient": "recipient|to|receiver|to user|an|empfänger",
        "time": _TIME,
        "text": _TEXT,
    },
}
FIELDS: Final = {table.value: tuple(fields) for table, fields in _NAMES.items()}
"""Fields that columns can be assigned to, by table name."""
KNOWN: Final = {
    table: {name: field for field, names in fields.items() for name in names.split("|")}
    for table, fields in _NAMES.items()
}
"""Fields of each table by known column name."""
RANKS: Final = {
    table: {
        name: rank
        for names in fields.values()
        for rank, name in enumerate(names.split("|"))
    }
    for table, fields in _NAMES.items()
}
"""Rank of each column name, best first, for fields with several possible columns."""
HARMLESS: Final = frozenset(
    {
        *("id", "room id", "topic", "description", "purpose", "thema"),
        *("beschreibung", "created", "created at", "updated at", "archived"),
        *("is archived", "member count", "members count", "messages", "last message"),
    }
)
"""Column names of rooms that cannot be about privacy."""
_NOTE: Final = re.compile(r"[\[(][^\[\]()]*+[\])]")
_MARKS: Final = re.compile(r"[\s_.*:-]+")


def plain_name(cell: str) -> str:
    """Return a column's name in lower case, without notes and punctuation."""
    text = _NOTE.sub("", cell[:200])
    return _MARKS.sub(" ", text).strip().casefold()
