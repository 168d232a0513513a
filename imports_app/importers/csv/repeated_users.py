"""Detection of users that appear in several rows of users.csv."""

from __future__ import annotations

import re
from typing import Final

_USERNAME: Final = re.compile(r"[0-9A-Za-z._-]+")


class RepeatedUsers:
    """Usernames and addresses seen so far, as hashes to save memory."""

    def __init__(self) -> None:
        self._seen: set[int] = set()

    def add(self, username: str, emails: tuple[str, ...]) -> bool:
        """Add a row; return whether it is the same user as an earlier row.

        As in matching, case is ignored only in names that are valid usernames.
        """
        if _USERNAME.fullmatch(username):
            username = username.lower()
        # Values such as "none" are not addresses and identify nobody.
        addresses = {email.lower() for email in emails if "@" in email}
        keys = {hash(("address", address)) for address in addresses}
        keys.add(hash(("username", username or emails[0])))
        is_repeated = not self._seen.isdisjoint(keys)
        self._seen |= keys
        return is_repeated
