"""Which accounts the import ids in a source stand for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from accounts.models import ImportId, User
from config.bulk import in_chunks

_REMEMBERED: Final = 50_000


class Person(NamedTuple):
    """An account, as references name it."""

    pk: int
    public_id: str
    username: str | None


class People:
    """Looks accounts up by import id, a page's worth at a time.

    Args:
        by_username: Also find accounts by exactly this username, for sources whose
            import ids are usernames (importers.md 2.7).
    """

    def __init__(self, *, by_username: bool) -> None:
        self._by_username = by_username
        self._known: dict[str, Person] = {}

    def find(self, import_ids: Iterable[str]) -> dict[str, Person]:
        """Return who is known of these. At most two queries for a page of ids."""
        wanted = {import_id for import_id in import_ids if import_id}
        missing = wanted - self._known.keys()
        if missing:
            if len(self._known) > _REMEMBERED:
                self._known.clear()
                missing = wanted
            self._look_up(missing)
        return {
            import_id: self._known[import_id]
            for import_id in wanted
            if import_id in self._known
        }

    def forget(self) -> None:
        """Look everybody up anew."""
        self._known.clear()

    def _look_up(self, import_ids: set[str]) -> None:
        for chunk in in_chunks(import_ids):
            found = (
                ImportId.objects.filter(value__in=chunk)
                .order_by("-pk")  # of several, the first one made wins
                .values_list("value", "user_id", "user__public_id", "user__username")
            )
            for import_id, pk, public_id, username in found:
                self._known[import_id] = Person(pk, public_id, username)
        if not self._by_username:
            return
        for chunk in in_chunks(import_ids - self._known.keys()):
            named = User.objects.filter(username__in=chunk)
            for person in named.values_list("pk", "public_id", "username"):
                self._known[str(person[2])] = Person(*person)
