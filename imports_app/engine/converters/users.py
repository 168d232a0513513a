"""User records become accounts, and no existing account is lowered (importers.md 6.1).

An account is found by import id, then by e-mail address, then by username if the source
knows people by username. Its roles, its username, its verified addresses and whether it
is active stay as they are. The starter's own account and privileged ones get the import
id and nothing else, privileged ones only if a person confirmed the match. Every change
of an existing account is in the activity log.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from django.utils import timezone

from accounts.models import ActivityEntry, EmailAddress, ImportId, User
from accounts.services.activity import ChangedState, State, record_changes
from imports_app.downloads.addresses import redacted
from imports_app.engine.converters.deactivated_users import (
    NOTE,
    STAYS_DEACTIVATED,
    stays_deactivated,
)
from imports_app.engine.converters.role_grants import Grants
from imports_app.engine.converters.selected_records import selected_ids
from imports_app.engine.matching.matched_by import MatchedBy
from imports_app.engine.matching.privileged_users import (
    ConfirmedMatches,
    unconfirmed_match,
)
from imports_app.engine.matching.username_matches import BY_USERNAME
from imports_app.engine.matching.usernames import (
    candidates,
    first_free,
    is_username,
    name_from,
)
from imports_app.engine.matching.users import (
    Account,
    UserMatcher,
    wished_name,
)
from imports_app.engine.outcomes import NOT_SELECTED, RecordOutcome, StagedRecord
from imports_app.models import ImportOperation, Outcome
from imports_app.records import Kind, UserRecord, record_of
from imports_app.selection.rules import Selection

_LONGEST: Final = 255
_PROFILE: Final = ("name", "bio", "status_text", "utc_offset")


class UserConverter:
    """Makes accounts, and completes those that are there."""

    def __init__(
        self,
        operation_id: int,
        selection: Selection,
        *,
        starter_id: str | None,
        grants: Callable[[], Grants],
        fails_existing: bool,
        matches_usernames: bool,
    ) -> None:
        self._operation_id = operation_id
        self._selection = selection
        self._starter_id = starter_id
        self._grants = grants
        self._fails_existing = fails_existing
        self._matches_usernames = matches_usernames or fails_existing

    def convert(self, page: Sequence[StagedRecord]) -> list[RecordOutcome]:
        """Write the page's accounts."""
        chosen = selected_ids(
            page,
            operation_id=self._operation_id,
            kind=Kind.USER,
            selection=self._selection,
        )
        records = {staged.pk: _read(staged) for staged in page if staged.pk in chosen}
        index = UserMatcher(records.values(), matches_usernames=self._matches_usernames)
        grants = self._grants()
        confirmed = ConfirmedMatches(self._selection.confirmed)
        touched: dict[int, Account] = {}
        answers: dict[int, tuple[Account, Outcome, list[str]]] = {}
        verdicts: dict[int, RecordOutcome] = {}
        by_name: set[int] = set()
        for pk, record in records.items():
            if (problem := problem_of(record)) is not None:
                verdicts[pk] = problem
                continue
            account, way = index.find(record)
            if account is not None and self._fails_existing:
                verdicts[pk] = _EXISTS
                continue
            if (
                account is not None
                and account.is_privileged
                and not confirmed.includes(pk, account.user)
            ):
                verdicts[pk] = unconfirmed_match(way)
                continue
            if account is None:
                account, notes = self._make(index, grants, record)
                outcome = Outcome.IMPORTED
            else:
                notes = self._complete(index, account, record, way)
                outcome = Outcome.UPDATED
                if way is MatchedBy.NAME and not account.is_new:
                    by_name.add(pk)
            touched[id(account)] = account
            answers[pk] = (account, outcome, notes)
        accounts = list(touched.values())
        _write(accounts)
        self._record(accounts, grants)
        for pk, (account, outcome, notes) in answers.items():
            verdicts[pk] = RecordOutcome(
                outcome,
                STAYS_DEACTIVATED if NOTE in notes else "",
                " ".join(notes),
                target_id=account.user.pk,
                guess=BY_USERNAME if pk in by_name else "",
            )
        return [verdicts.get(staged.pk, NOT_SELECTED) for staged in page]

    def _make(
        self, index: UserMatcher, grants: Grants, record: UserRecord
    ) -> tuple[Account, list[str]]:
        notes = []
        username = record.username or ""
        is_own = record.is_known_by_name and is_username(username)
        if not is_own or username.lower() in index.taken_names:
            username = first_free(candidates(wished_name(record)), index.taken_names)
            if record.username and record.username != username:
                notes.append(f"{record.username!r} became the username {username!r}.")
        user = User(
            username=username,
            name=record.name or name_from(username),
            kind=User.Kind.BOT if record.is_bot else User.Kind.USER,
            is_active=not record.is_deleted,
            bio=record.bio or "",
            status_text=record.status_text or "",
            utc_offset=record.utc_offset or 0,
            pending_avatar_url=record.avatar_url or "",
        )
        user.set_unusable_password()
        account = Account(user, is_new=True, pushed_by=record.pushed_by)
        index.add_user(account)
        index.add_import_ids(account, record.import_ids)
        notes += _refused(index.add_emails(account, record.emails))
        for grant in grants.decide(record):
            if grant.refusal:
                notes.append(grant.refusal)
            elif grant.role is not None:
                account.roles.append(grant.role)
                account.is_privileged |= not grants.is_ordinary(grant.role)
        return account, notes

    def _complete(
        self,
        index: UserMatcher,
        account: Account,
        record: UserRecord,
        way: MatchedBy | None,
    ) -> list[str]:
        """Add what the account lacks; the source it came from may correct it, too."""
        by_username = way is MatchedBy.NAME
        index.add_import_ids(account, record.import_ids, by_username=by_username)
        if account.user.public_id == self._starter_id:
            return ["This is whoever started the import: only the import id was added."]
        if account.is_privileged:
            return ["This is a privileged user: only the import id was added."]
        by_id = way is MatchedBy.IMPORT_ID
        for name in _PROFILE:
            value = getattr(record, name)
            present = getattr(account.user, name)
            if value and value != present and (by_id or not present):
                account.before.setdefault(name, present)
                account.after[name] = value
                setattr(account.user, name, value)
        url = record.avatar_url
        has_avatar = bool(account.user.avatar_name)
        if url and not has_avatar and account.user.pending_avatar_url != url:
            account.after["avatar to download"] = redacted(url)
            account.user.pending_avatar_url = url
        notes = _refused(index.add_emails(account, record.emails))
        return [*notes, NOTE] if stays_deactivated(account, record) else notes

    def _record(self, accounts: Sequence[Account], grants: Grants) -> None:
        """Log the changes of existing users, and the extra roles of new ones."""
        changes = [
            (account, before, after)
            for account in accounts
            for before, after in [_change_of(account, grants)]
            if after
        ]
        if not changes:
            return
        ids = ImportOperation.objects.values_list("public_id", flat=True)
        operation = {"import": ids.get(pk=self._operation_id)}
        subject = ActivityEntry.Subject.USER
        record_changes(
            [
                ChangedState(subject, str(account.user), before, after | operation)
                for account, before, after in changes
            ],
            by=grants.author,
        )


def _change_of(account: Account, grants: Grants) -> tuple[State, dict[str, Any]]:
    """Return what the activity log says of an account, before and after.

    Nothing is said afterwards of an account that has not changed.
    """
    if account.is_new:
        if all(map(grants.is_ordinary, account.roles)):
            return None, {}
        return None, {
            "roles": sorted(role.name for role in account.roles),
            "sent by": grants.sender(account.pushed_by),
        }
    added = {
        "added import IDs": list(account.import_ids),
        "added e-mail addresses": account.emails,
    }
    gained = {name: values for name, values in added.items() if values}
    return account.before, account.after | gained


_EXISTS: Final = RecordOutcome(
    Outcome.FAILED,
    "importer-user-already-exists",
    "An account with this id, address or username exists already; it was left alone.",
)


def _read(staged: StagedRecord) -> UserRecord:
    record = record_of(Kind.USER, staged.data)
    if not isinstance(record, UserRecord):
        raise TypeError(record)
    return record


def problem_of(record: UserRecord) -> RecordOutcome | None:
    """Return why a record can't become an account, if so."""
    if not record.username and not record.emails:
        return RecordOutcome(
            Outcome.FAILED,
            "importer-user-missing-email-and-username",
            "It has neither a username nor an e-mail address: give it one of them.",
        )
    texts = (record.username, record.name, record.status_text, *record.import_ids)
    if any(text and len(text) > _LONGEST for text in texts):
        return RecordOutcome(
            Outcome.FAILED,
            "importer-value-too-long",
            f"A name or an id has more than {_LONGEST} characters: shorten it.",
        )
    return None


def _refused(emails: list[str]) -> list[str]:
    return [
        f"The address {email!r} was left out: it is none, or somebody else's."
        for email in emails
    ]


def _write(accounts: list[Account]) -> None:
    """Write accounts with their addresses, ids and roles."""
    new = [account for account in accounts if account.is_new]
    User.objects.bulk_create([account.user for account in new])
    holds = User.roles.through
    holds.objects.bulk_create(
        [
            holds(user_id=account.user.pk, role_id=role.pk)
            for account in new
            for role in account.roles
        ]
    )
    EmailAddress.objects.bulk_create(
        EmailAddress(user=account.user, address=address)
        for account in accounts
        for address in account.emails
    )
    ImportId.objects.bulk_create(
        ImportId(user=account.user, value=value, by_username=by_username)
        for account in accounts
        for value, by_username in account.import_ids.items()
    )
    changed = [one.user for one in accounts if one.after and not one.is_new]
    for user in changed:
        user.updated_at = timezone.now()
    User.objects.bulk_update(changed, [*_PROFILE, "pending_avatar_url", "updated_at"])
