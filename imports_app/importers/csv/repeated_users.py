"""Rows of users.csv that name a person whom an earlier row names."""

from __future__ import annotations

import re
from typing import Final

_USERNAME: Final = re.compile(r"[0-9A-Za-z._-]+")


class Repeats:
    """Remembers usernames and addresses as numbers, so that memory stays small."""

    def __init__(self) -> None:
        self._seen: set[int] = set()

    def add(self, username: str, emails: tuple[str, ...]) -> bool:
        """Remember a row; return whether it becomes the account of an earlier one.

        Case matters only in names that are no usernames here, as in matching.
        """
        if _USERNAME.fullmatch(username):
            username = username.lower()
        # Words such as "none" are no addresses, and lead to nobody.
        addresses = {email.lower() for email in emails if "@" in email}
        keys = {hash(("address", address)) for address in addresses}
        keys.add(hash(("username", username or emails[0])))
        is_repeated = not self._seen.isdisjoint(keys)
        self._seen |= keys
        return is_repeated
