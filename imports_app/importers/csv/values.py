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
_ACTIVE: Final = frozenset(
    {
        *("active", "enabled", "aktiv", "aktiviert", "actif", "active user"),
        *("activo", "activa", "ativo", "ativa", "attivo", "attiva"),
        *("online", "away", "busy", "offline"),  # only accounts in use have these
        *("512", "544", "66048", "66080"),  # userAccountControl of directories
        *_YES,
    }
)
_DEACTIVATED: Final = frozenset(
    {
        *("inactive", "deactivated", "suspended", "disabled", "deleted", "blocked"),
        *("archived", "locked", "deprovisioned", "invited", "pending", "not active"),
        *("inaktiv", "deaktiviert", "gesperrt", "gel\u00f6scht", "inactif"),
        *("inactivo", "inactiva", "inativo", "inativa", "inattivo", "inattiva"),
        *("514", "546", "66050", "66082"),
        *_NO,
    }
)
UNKNOWN_PRIVACY: Final = "importer-channel-unknown-privacy"
"""Code of rooms whose type is an unknown word."""
ACTIVE: Final = "active"
DEACTIVATED: Final = "deactivated"


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


def inverted_room_type(text: str) -> str:
    """Return the room type for a column that says whether a room is public.

    Values other than yes and no are returned unchanged, as unknown room types.
    """
    word = " ".join(text.casefold().split())
    if word in _YES:
        return RoomType.PUBLIC.value
    return RoomType.PRIVATE.value if word in _NO else word or "?"


def is_deactivated(text: str) -> bool | None:
    """Return whether a status says that an account is not active; `None` if unclear."""
    word = " ".join(text.casefold().replace("_", " ").split())
    if word in _ACTIVE:
        return False
    return True if word in _DEACTIVATED else None


def status_of(active: str, deactivated: str) -> str:
    """Return the status that two columns say, the stricter one if they differ.

    Args:
        active: The cell of a column such as `status` or `accountEnabled`.
        deactivated: The cell of one such as `suspended`, whose yes means the opposite.
    """
    word = " ".join(deactivated.casefold().split())
    if word in _YES:
        return DEACTIVATED
    if word in _NO:
        return active or ACTIVE
    known = is_deactivated(word) if word else False
    return deactivated if known is not False else active or deactivated


def members_of(text: str) -> tuple[str, ...]:
    """Split a cell into usernames, separated by semicolons or commas."""
    if not text:
        return ()
    names = (member.strip() for member in text.replace(",", ";").split(";"))
    return tuple(dict.fromkeys(filter(None, names)))
