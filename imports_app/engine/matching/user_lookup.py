"""Lookup of users by import ID."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from accounts.models import ImportId, User
from config.db.bulk import in_chunks
from imports_app.engine.matching.decisions import FAILED_DECISIONS
from imports_app.engine.matching.privileged_users import UNCONFIRMED
from imports_app.engine.planning.planned_users import PlannedUsers
from imports_app.models import ImportRecord
from imports_app.records import Kind

_REMEMBERED: Final = 50_000


class Person(NamedTuple):
    """User, with the attributes that references need."""

    pk: int
    public_id: str
    username: str | None


class UserLookup:
    """Cached lookup of users by import ID, one page at a time.

    Args:
        by_username: Also find users by their exact username, for sources whose import
            IDs are usernames (importers.md 2.7).
        confirmed: Public IDs of privileged users, by import ID of the records that were
            confirmed to match them.
        decided: Users of decided import IDs (`Decisions.identities`).
        planned: Users who are not written, while an import is only planned.
    """

    def __init__(
        self,
        *,
        by_username: bool,
        confirmed: Mapping[str, str] | None = None,
        decided: Mapping[str, User | str | None] | None = None,
        planned: PlannedUsers | None = None,
    ) -> None:
        self._planned = planned or PlannedUsers()
        self._by_username = by_username
        self._confirmed = confirmed or {}
        self._decided = decided or {}
        self._undecided: set[str] = set()
        """Import IDs of records whose decision could not be applied."""
        self._known: dict[str, Person] = {}
        self._withheld: set[str] = set()
        self._failed: set[str] = set()

    def find(self, import_ids: Iterable[str]) -> dict[str, Person]:
        """Return the users found, by import ID. At most three queries per page.

        Privileged users are found only after a confirmation.
        """
        wanted = {import_id for import_id in import_ids if import_id}
        missing = wanted - self._known.keys() - self._withheld
        if missing:
            if len(self._known) + len(self._withheld) > _REMEMBERED:
                self.forget()
                missing = wanted
            self._look_up(missing)
        return {
            import_id: self._known[import_id]
            for import_id in wanted
            if import_id in self._known
        }

    def needs_confirmation(self, import_id: str) -> bool:
        """Return whether `find` skipped a privileged user without confirmation."""
        return import_id in self._withheld or (
            import_id in self._failed and import_id not in self._known
        )

    def load_failed(self, operation_id: int) -> None:
        """Load the user records that failed because of a match or a decision.

        Lookups of their import IDs find no user.
        """
        failed = ImportRecord.objects.failed(operation_id).filter(
            kind=Kind.USER, code__in=(UNCONFIRMED, *FAILED_DECISIONS)
        )
        for code, data in failed.values_list("code", "data"):
            self.add_failed(code, data["import_ids"])

    def add_failed(self, code: str, import_ids: Iterable[str]) -> None:
        """Add the import IDs of such a record.

        Args:
            code: The code of its failure; others are ignored.
            import_ids: Its import IDs.
        """
        if code == UNCONFIRMED:
            self._failed.update(import_ids)
        elif code in FAILED_DECISIONS:
            self._undecided.update(import_ids)

    def forget(self) -> None:
        """Clear the cache."""
        self._known.clear()
        self._withheld.clear()

    def _look_up(self, import_ids: set[str]) -> None:
        if self._decided or self._undecided:
            self._look_up_decided(import_ids)
            import_ids = import_ids - self._decided.keys() - self._undecided
        self._look_up_existing(import_ids)

    def _look_up_decided(self, import_ids: set[str]) -> None:
        """Look up the import IDs with decisions."""
        others: dict[str, str] = {}
        for import_id in (import_ids & self._decided.keys()) - self._undecided:
            who = self._decided[import_id]
            if isinstance(who, str):  # merged with the user of another import ID
                others[import_id] = who
                who = self._decided.get(who)
            if isinstance(who, User):
                self._known[import_id] = Person(who.pk, who.public_id, who.username)
        undecided = set(others.values()) - self._decided.keys() - self._undecided
        self._look_up_existing(undecided)
        for import_id, other in others.items():
            if other in self._known:
                self._known[import_id] = self._known[other]
            elif other in self._withheld:
                self._withheld.add(import_id)

    def _look_up_existing(self, import_ids: set[str]) -> None:
        found = self._found(import_ids)
        privileged = {
            person.pk
            for person in found.values()
            if self._planned.is_privileged(person.pk)
        }
        for pks in in_chunks(person.pk for person in found.values() if person.pk > 0):
            users = User.objects.privileged().filter(pk__in=pks)
            privileged.update(users.values_list("pk", flat=True))
        for import_id, person in found.items():
            is_confirmed = self._confirmed.get(import_id) == person.public_id
            if person.pk in privileged and not is_confirmed:
                self._withheld.add(import_id)
            else:
                self._known[import_id] = person

    def _found(self, import_ids: set[str]) -> dict[str, Person]:
        """Return the users with these import IDs, privileged or not."""
        people = {
            import_id: Person(key, *self._planned.names_of(key))
            for import_id, (key, _) in self._planned.by_import_ids(import_ids).items()
        }
        for chunk in in_chunks(import_ids):
            found = (
                ImportId.objects.filter(value__in=chunk)
                .order_by("-pk")  # of several users, the oldest wins
                .values_list("value", "user_id", "user__public_id", "user__username")
            )
            for import_id, pk, public_id, username in found:
                people[import_id] = Person(pk, public_id, username)
        if not self._by_username:
            return people
        for chunk in in_chunks(import_ids - people.keys()):
            named = User.objects.filter(username__in=chunk)
            for person in named.values_list("pk", "public_id", "username"):
                people[str(person[2])] = Person(*person)
        missing = import_ids - people.keys()
        for key in self._planned.by_names(missing).values():
            public_id, username = self._planned.names_of(key)
            if username in missing:
                people[username] = Person(key, public_id, username)
        return people
