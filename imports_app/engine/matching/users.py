"""Matching of user records with users, one page at a time."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from accounts.models import EmailAddress, ImportId, Role, User
from config.db.bulk import in_chunks
from config.db.lower_in import LowerIn
from config.mail_addresses import is_address
from imports_app.engine.matching.decisions import (
    EXISTS,
    NOT_ALLOWED,
    TARGET_MISSING,
    Decisions,
    address_taken,
    name_taken,
)
from imports_app.engine.matching.matched_by import MatchedBy
from imports_app.engine.matching.usernames import is_username, username_candidates
from imports_app.engine.outcomes import RecordOutcome
from imports_app.engine.planning.planned_users import PlannedUsers
from imports_app.models import Decision, DecisionAction, ImportRecord
from imports_app.records import Kind, UserRecord, record_of


@dataclass(slots=True)
class TargetUser:
    """Existing or new user, with the changes to write."""

    user: User
    is_new: bool
    is_renamed: bool = False
    """Whether the source has it with another name, which became this username."""
    is_privileged: bool = False
    """Whether imports may neither change the user nor match it without confirmation."""
    import_ids: dict[str, bool] = field(default_factory=dict)
    """Added import IDs, and whether each was matched by username alone."""
    pushed_by: str = ""
    """Public ID of the sender of a new user's record, if it was pushed."""
    emails: list[str] = field(default_factory=list)
    roles: list[Role] = field(default_factory=list)
    before: dict[str, Any] = field(default_factory=dict)
    """Previous values of an existing user's changes, for the activity log."""
    after: dict[str, Any] = field(default_factory=dict)


class UserMatcher:
    """Finder of users by import ID, e-mail address and username.

    Five queries per page of records, up to eight if usernames collide.

    Args:
        records: The page.
        operation_id: The import.
        matches_usernames: Whether the source identifies users by username. If not, a
            username never matches an existing user, except a privileged one, so that a
            user has to confirm it.
        decisions: Decisions of users about the records, if there are any. The records
            are those of `Decisions.rewritten_user`.
        planned: Users of earlier pages that are not written, while an import is only
            planned.
    """

    def __init__(
        self,
        records: Iterable[UserRecord],
        operation_id: int,
        *,
        matches_usernames: bool,
        decisions: Decisions | None = None,
        planned: PlannedUsers | None = None,
    ) -> None:
        records = list(records)
        planned = planned or PlannedUsers()
        self._matches_usernames = matches_usernames
        self._decisions = decisions
        owners: dict[str, int] = {}
        proofs: dict[str, bool] = {}
        for ids in in_chunks(key for record in records for key in record.import_ids):
            found = ImportId.objects.filter(value__in=ids)
            # Of several users, the oldest wins.
            for value, pk, by_username in found.order_by("-pk").values_list(
                "value", "user_id", "by_username"
            ):
                owners[value] = pk
                proofs[value] = not by_username
        import_ids = (key for record in records for key in record.import_ids)
        for value, (pk, by_username) in planned.by_import_ids(import_ids).items():
            owners[value] = pk
            proofs[value] = not by_username
        address_owners: dict[str, int] = {}
        for addresses in in_chunks(key for record in records for key in record.emails):
            owned = EmailAddress.objects.filter(LowerIn("address", addresses))
            for address, pk in owned.values_list("address", "user_id"):
                address_owners[address.lower()] = pk
        address_owners |= planned.by_addresses(
            key.lower() for record in records for key in record.emails
        )
        name_owners = _owners_of(
            (name for record in records for name in names_to_look_up(record)), planned
        )
        renamed: set[int] = set()
        if matches_usernames:
            known = owners.keys() | address_owners.keys()
            unknown = [record for record in records if not _is_known(record, known)]
            renamed = _renamed_users(unknown, name_owners, operation_id, planned)
        taken = {
            name
            for name, pk in name_owners.items()
            if pk in renamed or not matches_usernames
        }
        name_owners |= _owners_of(_alternatives(records, taken), planned)
        users: dict[int, User] = {}
        keys = (*owners.values(), *address_owners.values(), *name_owners.values())
        for pks in in_chunks(key for key in keys if key > 0):
            users |= User.objects.in_bulk(pks)
        if decisions is not None:
            decided = decisions.find_users(records)
            users |= {user.pk: user for user in decided.values()}
        planned.apply(users, keys)
        targets = {
            pk: TargetUser(
                user,
                is_new=False,
                is_renamed=pk in renamed,
                is_privileged=planned.is_privileged(pk),
            )
            for pk, user in users.items()
        }
        for pks in in_chunks(targets):
            privileged = User.objects.privileged().filter(pk__in=pks)
            for pk in privileged.values_list("pk", flat=True):
                targets[pk].is_privileged = True
        self._by_public_id = {one.user.public_id: one for one in targets.values()}
        self._proven = {value for value, proves in proofs.items() if proves}
        self._by_import_id = {key: targets[pk] for key, pk in owners.items()}
        self._by_email = {key: targets[pk] for key, pk in address_owners.items()}
        self._by_name = {key: targets[pk] for key, pk in name_owners.items()}

    @property
    def taken_names(self) -> dict[str, TargetUser]:
        """Taken usernames, in lower case."""
        return self._by_name

    def find(self, record: UserRecord) -> tuple[TargetUser | None, MatchedBy | None]:
        """Return the user that a record matches, and the matching attribute.

        An import ID that was added because of a username counts as a username. A
        decision of a user replaces all other rules.
        """
        decision = self._decision_about(record)
        if decision is not None and decision.action == DecisionAction.MATCH:
            return self._by_public_id.get(decision.target), MatchedBy.DECISION
        if decision is not None and decision.action == DecisionAction.CREATE:
            target = _first(self._by_import_id, record.import_ids)
            return target, MatchedBy.IMPORT_ID if target is not None else None
        proven = (key for key in record.import_ids if key in self._proven)
        target = _first(self._by_import_id, proven)
        if target is not None:
            return target, MatchedBy.IMPORT_ID
        target = _first(self._by_email, (email.lower() for email in record.emails))
        if target is not None:
            return target, MatchedBy.EMAIL
        target = _first(self._by_import_id, record.import_ids)
        target = target or self._by_username(record)
        return target, MatchedBy.NAME if target is not None else None

    def problem_of(self, record: UserRecord) -> RecordOutcome | None:
        """Return why the decision about a record can't be applied, or `None`."""
        decision = self._decision_about(record)
        if decision is None or self._decisions is None:
            return None
        if decision.action == DecisionAction.MATCH:
            target = self._by_public_id.get(decision.target)
            if target is None:
                return TARGET_MISSING
            is_privileged = target.is_privileged
            is_allowed = self._decisions.may_match(
                decision, target.user, is_privileged=is_privileged
            )
            return None if is_allowed else NOT_ALLOWED
        if decision.action != DecisionAction.CREATE:
            return None
        username = str(decision.value.get("username", "")).lower()
        owner = _first(self._by_import_id, record.import_ids)
        if owner is not None:
            is_same = not username or str(owner.user.username).lower() == username
            return None if is_same else EXISTS
        if username in self._by_name:
            return name_taken(username)
        email = str(decision.value.get("email", "")).lower()
        return address_taken(email) if email in self._by_email else None

    def _decision_about(self, record: UserRecord) -> Decision | None:
        return self._decisions.about_user(record) if self._decisions else None

    def _by_username(self, record: UserRecord) -> TargetUser | None:
        """Return the user with the record's username, if usernames may match."""
        if not _has_own_name(record):
            return None
        if self._decisions and self._decisions.is_named_by_decision(record):
            return None
        target = self._by_name.get(str(record.username).lower())
        if target is not None and target.is_renamed:
            return None
        if target is None or self._matches_usernames or target.is_privileged:
            return target
        return None

    def add_user(self, target: TargetUser) -> None:
        """Add a new user's username for the following records."""
        self._by_name[str(target.user.username).lower()] = target

    def add_import_ids(
        self,
        target: TargetUser,
        import_ids: Iterable[str],
        *,
        by_username: bool = False,
    ) -> list[str]:
        """Add the import IDs that no other user has; return those.

        Args:
            target: A new or existing user.
            import_ids: The import IDs of a record.
            by_username: Whether the record matched by username alone.
        """
        added = []
        for import_id in import_ids:
            if import_id not in self._by_import_id:
                self._by_import_id[import_id] = target
                target.import_ids[import_id] = by_username
                added.append(import_id)
                if not by_username:
                    self._proven.add(import_id)
        return added

    def add_emails(self, target: TargetUser, emails: Iterable[str]) -> list[str]:
        """Add the addresses that no other user has; return the others."""
        refused = []
        for email in emails:
            owner = self._by_email.get(email.lower())
            if owner is None and is_address(email):
                self._by_email[email.lower()] = target
                target.emails.append(email)
            elif owner is not target:
                refused.append(email)
        return refused


def _has_own_name(record: UserRecord) -> bool:
    """Return whether a record's username may be the username of its user."""
    return record.is_known_by_name and is_username(record.username)


def names_to_look_up(record: UserRecord) -> list[str]:
    """Return the usernames to look up for a record: its own, or those to try."""
    if _has_own_name(record):
        return [str(record.username)]
    return username_candidates(preferred_name(record))


def _is_known(record: UserRecord, known: Container[str]) -> bool:
    """Return whether a user has an import ID or an e-mail address of the record."""
    keys = (*record.import_ids, *(email.lower() for email in record.emails))
    return any(key in known for key in keys)


def _renamed_users(
    records: Iterable[UserRecord],
    name_owners: Mapping[str, int],
    operation_id: int,
    planned: PlannedUsers,
) -> set[int]:
    """Return the users whose username was derived from another name of the source.

    For example, the user `jurgen` is `jürgen` in the source. If the source also has a
    `jurgen`, this is a different user.

    Args:
        records: Records that match users by username only.
        name_owners: Keys of users by username in lower case.
        operation_id: The import.
        planned: Users of earlier pages that are not written.
    """
    names = {str(one.username).lower() for one in records if _has_own_name(one)}
    owners: dict[str, tuple[int, str]] = {}
    keys = [name_owners[name] for name in names & name_owners.keys()]
    owners |= {value: (pk, name) for value, pk, name in planned.proven_ids(keys)}
    for pks in in_chunks(key for key in keys if key > 0):
        proven = ImportId.objects.filter(user__in=pks, by_username=False)
        for value, pk, username in proven.values_list(
            "value", "user_id", "user__username"
        ):
            if value != username:
                owners[value] = pk, str(username)
    renamed = set()
    for ids in in_chunks(owners):
        staged = ImportRecord.objects.of_kind(operation_id, Kind.USER)
        rows = staged.filter(import_id__in=ids).values_list("import_id", "data")
        for import_id, data in rows:
            pk, username = owners[import_id]
            record = record_of(Kind.USER, data)
            if isinstance(record, UserRecord) and _became(record, username):
                renamed.add(pk)
    return renamed


def _became(record: UserRecord, username: str) -> bool:
    """Return whether a username was derived from another name of a record."""
    derived = map(str.lower, username_candidates(preferred_name(record)))
    return record.username != username and username.lower() in derived


def _owners_of(names: Iterable[str], planned: PlannedUsers) -> dict[str, int]:
    """Return user keys by username in lower case."""
    names = list(names)
    owners = planned.by_names(names)
    for chunk in in_chunks(names):
        named = User.objects.named_any(chunk)
        for name, pk in named.values_list("username", "pk"):
            owners[str(name).lower()] = pk
    return owners


def _alternatives(
    records: Iterable[UserRecord], taken: Container[str]
) -> Iterator[str]:
    """Yield the usernames to try for records whose username is taken."""
    seen: set[str] = set()
    for record in records:
        name = record.username
        if name is None or not _has_own_name(record):
            continue
        if name.lower() in taken or name.lower() in seen:
            yield from username_candidates(name)
        seen.add(name.lower())


def preferred_name(record: UserRecord) -> str:
    """Return the text to derive a username from: username, name or address."""
    local_part = record.emails[0].partition("@")[0] if record.emails else ""
    return record.username or local_part or record.name or record.import_ids[0]


def _first(targets: dict[str, TargetUser], keys: Iterable[str]) -> TargetUser | None:
    return next((targets[key] for key in keys if key in targets), None)
