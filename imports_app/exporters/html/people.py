"""Users of a static archive: names, avatars and their list."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Final, NamedTuple
from urllib.parse import quote

from imports_app.exporters.records import ExportedUser

ROOT: Final = "../../"
"""Path from a page of messages to the folder of the archive."""


class Person(NamedTuple):
    """User with the data that messages display."""

    name: str
    username: str
    picture: str
    """The avatar on pages of messages, as HTML."""
    avatar: str = ""
    """Path in the archive; empty without an avatar."""


class People:
    """Users by ID."""

    def __init__(self) -> None:
        self._people: dict[str, Person] = {}

    def __len__(self) -> int:
        return len(self._people)

    def add(self, user: ExportedUser, avatar: str) -> None:
        """Add a user.

        Args:
            user: The user.
            avatar: Path of the avatar in the archive, or an empty text.
        """
        name = user.name or user.username
        picture = picture_of(name, avatar, ROOT)
        self._people[user.id] = Person(name, user.username, picture, avatar)

    def find(self, key: str) -> Person:
        """Return a user; an unknown user has the ID as name."""
        known = self._people.get(key)
        return known or Person(key, key, picture_of(key, "", ROOT))

    def names(self, keys: tuple[str, ...]) -> str:
        """Return the names of users, separated by commas."""
        return ", ".join(self.find(key).name for key in keys)

    def entries(self) -> Iterator[str]:
        """Yield the list's entry of each user."""
        for person in self._people.values():
            yield (
                f"<li>{picture_of(person.name, person.avatar, '')}"
                f" {escape(person.name)}"
                f' <span class="account">@{escape(person.username)}</span></li>\n'
            )


def picture_of(name: str, avatar: str, root: str) -> str:
    """Return the avatar, or the first letter of the name, as HTML.

    Args:
        name: Name of the user.
        avatar: Path in the archive, or an empty text.
        root: Path to the folder of the archive.
    """
    if avatar:
        return (
            f'<img class="avatar" src="{root}{quote(avatar)}" alt=""'
            ' loading="lazy" width="36" height="36">'
        )
    letter = next((sign.upper() for sign in name if sign.isalnum()), "?")
    return f'<span class="avatar" aria-hidden="true">{escape(letter)}</span>'
