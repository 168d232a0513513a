"""Detection of several Slack users with one e-mail address.

Slack creates another user if a member leaves a workspace and joins again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from config.mail_addresses import addresses_of, is_address
from imports_app.sources.json_streams import dict_of, flag_of, text_of

_OUTSIDERS: Final = ("is_invited_user", "is_stranger")
"""Flags of listed users who are not members: invited, or from another organization."""


def is_inactive(user: dict[str, Any]) -> bool:
    """Return whether a listed user is not an active member of the workspace."""
    return any(map(flag_of, map(user.get, ("deleted", *_OUTSIDERS))))


@dataclass(slots=True)
class Rejoined:
    """Slack users with the same e-mail address."""

    others: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Further IDs, by the ID of the user who is imported."""
    main: dict[str, str] = field(default_factory=dict)
    """ID of the user who is imported, by each further ID."""


def find_rejoined(elements: Callable[[], Iterable[Any]]) -> Rejoined:
    """Find users with the same e-mail address.

    The first active user is imported, else the first user.

    Args:
        elements: Yields the elements of users.json each time it is called. To save
            memory, it is called a second time only if addresses occur twice.
    """
    seen: set[int] = set()
    repeated: set[int] = set()
    for element in elements():
        if address := _address_of(element):
            key = hash(address)
            (repeated if key in seen else seen).add(key)
    found = Rejoined()
    if not repeated:
        return found
    people: dict[str, list[dict[str, Any]]] = {}
    for element in elements():
        address = _address_of(element)
        if address and hash(address) in repeated:
            people.setdefault(address, []).append(element)
    for users in people.values():
        active = [user for user in users if not is_inactive(user)]
        main = text_of((active or users)[0].get("id"))
        ids = dict.fromkeys(text_of(user.get("id")) for user in users)
        others = tuple(one for one in ids if one != main)
        if others:
            found.others[main] = others
            found.main |= dict.fromkeys(others, main)
    return found


def _address_of(element: Any) -> str:
    """Return a user's address for comparison; empty if it is not unique to the user.

    Values such as "none" are not addresses, and bots have their creators' addresses.
    """
    if not isinstance(element, dict) or flag_of(element.get("is_bot")):
        return ""
    if not text_of(element.get("id")):
        return ""
    email = text_of(dict_of(element.get("profile")).get("email"))
    addresses = addresses_of(email.strip())
    return next((one.casefold() for one in addresses if is_address(one)), "")
