"""Parsing of CSV cells: room types and members."""

from __future__ import annotations

from typing import Final

from imports_app.records import RoomType

_YES: Final = frozenset(
    ("true", "yes", "y", "1", "x", "ja", "oui", "sí", "si", "sim", "wahr")
)
_NO: Final = frozenset(("false", "no", "n", "0", "nein", "non", "não", "falsch"))
_PRIVATE: Final = frozenset(
    {
        *("private", "privat", "privado", "privada", "privé", "privée", "privato"),
        *("private channel", "private group", "privater kanal", "secret", "closed"),
        *("p", *_YES),
    }
)
_PUBLIC: Final = frozenset(
    {
        *("", "public", "publico", "público", "publique", "pubblico", "öffentlich"),
        *("public channel", "channel", "öffentlicher kanal", "open", "offen"),
        *("c", *_NO),
    }
)


def room_type(text: str) -> RoomType | None:
    """Parse the room type of channels.csv; `None` if the word is unknown.

    An empty cell means a public room, as in Rocket.Chat.
    """
    if not text or text == "public":
        return RoomType.PUBLIC
    word = " ".join(text.casefold().split())
    if word in _PRIVATE:
        return RoomType.PRIVATE
    return RoomType.PUBLIC if word in _PUBLIC else None


def opposite_of(text: str) -> str:
    """Return the room type for a column that says whether a room is public.

    Values other than yes and no are returned unchanged, as unknown room types.
    """
    word = " ".join(text.casefold().split())
    if word in _YES:
        return RoomType.PUBLIC.value
    return RoomType.PRIVATE.value if word in _NO else word or "?"


def members_of(text: str) -> tuple[str, ...]:
    """Split a cell into usernames, separated by semicolons or commas."""
    if not text:
        return ()
    names = (member.strip() for member in text.replace(",", ";").split(";"))
    return tuple(dict.fromkeys(filter(None, names)))
