"""The parts of small Slack exports, as Slack writes them."""

from __future__ import annotations

from typing import Any, Final

NOON: Final = 1_614_600_000
"""2021-03-01 12:00 UTC, in seconds since 1970."""


def at(second: int) -> str:
    """Return a time as Slack writes it, so many seconds after noon."""
    return f"{NOON + second}.000100"


def user(identity: str, name: str, email: str = "", **more: Any) -> dict[str, Any]:
    """Return an element of users.json; what is not told is as usual."""
    profile = {"real_name": f"{name.title()} Berg", **more.pop("profile", {})}
    if email:
        profile["email"] = email
    flags = {"deleted": False, "is_bot": False}
    return {"id": identity, "name": name, **flags, **more, "profile": profile}


def channel(identity: str, name: str, *members: str, **more: Any) -> dict[str, Any]:
    """Return an element of a file of rooms; its first member made it."""
    return {
        "id": identity,
        "name": name,
        "created": NOON,
        "creator": members[0] if members else "",
        "is_archived": False,
        "members": list(members),
        "topic": {"value": ""},
        "purpose": {"value": ""},
        **more,
    }


def said(author: str, text: str, second: int = 0, **more: Any) -> dict[str, Any]:
    """Return an element of a day."""
    return {"type": "message", "user": author, "text": text, "ts": at(second), **more}


def rich_text(*elements: dict[str, Any]) -> dict[str, Any]:
    """Return a block of what people write."""
    return {"type": "rich_text", "elements": list(elements)}


def section(*elements: dict[str, Any]) -> dict[str, Any]:
    """Return a paragraph of rich text."""
    return {"type": "rich_text_section", "elements": list(elements)}


def plain(text: str, **style: bool) -> dict[str, Any]:
    """Return a piece of rich text."""
    return {"type": "text", "text": text, **({"style": style} if style else {})}


MIA: Final = user("U01", "mia", "mia@north.example")
TOM: Final = user("U02", "tom", "tom@north.example")
LOBBY: Final = channel("C01", "lobby", "U01", "U02", is_general=True)
DAY: Final = "lobby/2021-03-01.json"


def lobby(*messages: Any, **files: Any) -> dict[str, Any]:
    """Return an export of Mia, Tom, their lobby, and what is said there.

    Args:
        messages: Elements of the lobby's day.
        files: Further files of JSON, by their names without the extension, or what
            takes the place of one.
    """
    named = {f"{name}.json": content for name, content in files.items()}
    return {
        "users.json": [MIA, TOM],
        "channels.json": [LOBBY],
        DAY: list(messages),
        **named,
    }


HELLO: Final = lobby(said("U01", "hello"))
"""An export in which Mia says hello."""
