"""Conversion of user records to users (importers.md 6.1).

A user is matched by import ID, then by e-mail address, then by username if the source
identifies users by username. Existing users keep their roles, username, verified
addresses and status. The initiator and privileged users only get the import ID, and
privileged users only after a person confirmed the match. Every change of an existing
user is in the activity log.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from django.utils import timezone

from accounts.models import ActivityEntry, EmailAddress, ImportId, User
from accounts.services.activity import ChangedState, State, record_changes
from config.db.bulk import in_chunks, insert_rows
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
    first_free,
    is_username,
    name_from,
    username_candidates,
)
from imports_app.engine.matching.users import (
    TargetUser,
    UserMatcher,
    preferred_name,
)
from imports_app.engine.outcomes import NOT_SELECTED, RecordOutcome, StagedRecord
from imports_app.models import ImportOperation, Outcome
from imports_app.records import Kind, UserRecord, record_of
from imports_app.selection.rules import Selection

_LONGEST: Final = 255
_COLUMNS: Final = tuple(
    field.attname for field in User._meta.concrete_fields if not field.primary_key
)
_PROFILE: Final = ("name", "bio", "status_text", "utc_offset")


class UserConverter:
    """Converter that creates and updates users."""

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
        """Write the page's users."""
        chosen = selected_ids(
            page,
            operation_id=self._operation_id,
            kind=Kind.USER,
            selection=self._selection,
        )
        records = {staged.pk: _read(staged) for staged in page if staged.pk in chosen}
        index = UserMatcher(
            records.values(),
            self._operation_id,
            matches_usernames=self._matches_usernames,
        )
        grants = self._grants()
        confirmed = ConfirmedMatches(self._selection.confirmed)
        touched: dict[int, TargetUser] = {}
        answers: dict[int, tuple[TargetUser, Outcome, list[str]]] = {}
        results: dict[int, RecordOutcome] = {}
        by_name: set[int] = set()
        for pk, record in records.items():
            if (problem := problem_of(record)) is not None:
                results[pk] = problem
                continue
            target, matched_by = index.find(record)
            if target is not None and self._fails_existing:
                results[pk] = _EXISTS
                continue
            if (
                target is not None
                and target.is_privileged
                and not confirmed.includes(pk, target.user)
            ):
                results[pk] = unconfirmed_match(matched_by)
                continue
            if target is None:
                target, notes = self._make(index, grants, record)
                outcome = Outcome.IMPORTED
            else:
                notes = self._complete(index, target, record, matched_by)
                outcome = Outcome.UPDATED
                if matched_by is MatchedBy.NAME and not target.is_new:
                    by_name.add(pk)
            touched[id(target)] = target
            answers[pk] = (target, outcome, notes)
        targets = list(touched.values())
        _write(targets)
        self._record(targets, grants)
        for pk, (target, outcome, notes) in answers.items():
            results[pk] = RecordOutcome(
                outcome,
                STAYS_DEACTIVATED if NOTE in notes else "",
                " ".join(notes),
                target_id=target.user.pk,
                guess=BY_USERNAME if pk in by_name else "",
            )
        return [results.get(staged.pk, NOT_SELECTED) for staged in page]

    def _make(
        self, index: UserMatcher, grants: Grants, record: UserRecord
    ) -> tuple[TargetUser, list[str]]:
        notes = []
        username = record.username or ""
        is_own = record.is_known_by_name and is_username(username)
        if not is_own or username.lower() in index.taken_names:
            username = first_free(
                username_candidates(preferred_name(record)), index.taken_names
            )
            if record.username and record.username != username:
                notes.append(
                    f"The username {record.username!r} was changed to {username!r}."
                )
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
        target = TargetUser(
            user,
            is_new=True,
            is_renamed=username != record.username,
            pushed_by=record.pushed_by,
        )
        index.add_user(target)
        index.add_import_ids(target, record.import_ids)
        notes += _refused(index.add_emails(target, record.emails))
        for grant in grants.decide(record):
            if grant.refusal:
                notes.append(grant.refusal)
            elif grant.role is not None:
                target.roles.append(grant.role)
                target.is_privileged |= not grants.is_ordinary(grant.role)
        return target, notes

    def _complete(
        self,
        index: UserMatcher,
        target: TargetUser,
        record: UserRecord,
        matched_by: MatchedBy | None,
    ) -> list[str]:
        """Add missing details; the user's original source may also update them."""
        by_username = matched_by is MatchedBy.NAME
        index.add_import_ids(target, record.import_ids, by_username=by_username)
        if target.user.public_id == self._starter_id:
            return ["This user started the import. Only the import ID was added."]
        if target.is_privileged:
            return ["This is a privileged user. Only the import ID was added."]
        by_id = matched_by is MatchedBy.IMPORT_ID
        for name in _PROFILE:
            value = getattr(record, name)
            present = getattr(target.user, name)
            if value and value != present and (by_id or not present):
                target.before.setdefault(name, present)
                target.after[name] = value
                setattr(target.user, name, value)
        url = record.avatar_url
        has_avatar = bool(target.user.avatar_name)
        if url and not has_avatar and target.user.pending_avatar_url != url:
            target.after["avatar to download"] = redacted(url)
            target.user.pending_avatar_url = url
        notes = _refused(index.add_emails(target, record.emails))
        return [*notes, NOTE] if stays_deactivated(target, record) else notes

    def _record(self, targets: Sequence[TargetUser], grants: Grants) -> None:
        """Log the changes of existing users, and the extra roles of new ones."""
        changes = [
            (target, before, after)
            for target in targets
            for before, after in [_change_of(target, grants)]
            if after
        ]
        if not changes:
            return
        ids = ImportOperation.objects.values_list("public_id", flat=True)
        operation = {"import": ids.get(pk=self._operation_id)}
        subject = ActivityEntry.Subject.USER
        record_changes(
            [
                ChangedState(subject, str(target.user), before, after | operation)
                for target, before, after in changes
            ],
            by=grants.author,
        )


def _change_of(target: TargetUser, grants: Grants) -> tuple[State, dict[str, Any]]:
    """Return the states before and after, for the activity log.

    The state after is empty if nothing changed.
    """
    if target.is_new:
        if all(map(grants.is_ordinary, target.roles)):
            return None, {}
        return None, {
            "roles": sorted(role.name for role in target.roles),
            "sent by": grants.sender(target.pushed_by),
        }
    added = {
        "added import IDs": list(target.import_ids),
        "added e-mail addresses": target.emails,
    }
    gained = {name: values for name, values in added.items() if values}
    return target.before, target.after | gained


_EXISTS: Final = RecordOutcome(
    Outcome.FAILED,
    "importer-user-already-exists",
    "A user with this import ID, e-mail address or username already exists and was not"
    " changed.",
)


def _read(staged: StagedRecord) -> UserRecord:
    record = record_of(Kind.USER, staged.data)
    if not isinstance(record, UserRecord):
        raise TypeError(record)
    return record


def problem_of(record: UserRecord) -> RecordOutcome | None:
    """Return the failure of an invalid record, or `None`."""
    if not record.username and not record.emails:
        return RecordOutcome(
            Outcome.FAILED,
            "importer-user-missing-email-and-username",
            "The user has neither a username nor an e-mail address. Add one of them.",
        )
    texts = {
        "username": (record.username,),
        "name": (record.name,),
        "status text": (record.status_text,),
        "import ID": record.import_ids,
    }
    for label, values in texts.items():
        for text in values:
            if text and len(text) > _LONGEST:
                return RecordOutcome(
                    Outcome.FAILED,
                    "importer-value-too-long",
                    f"The {label} {text[:40]!r}... has more than {_LONGEST} characters."
                    " Shorten it.",
                )
    return None


def _refused(emails: list[str]) -> list[str]:
    return [
        f"The e-mail address {email!r} was not added: it is not valid or belongs to"
        " another user."
        for email in emails
    ]


def _write(targets: list[TargetUser]) -> None:
    """Write users with their addresses, import IDs and roles."""
    new = [target for target in targets if target.is_new]
    _insert([target.user for target in new])
    roles = [(one.user.pk, role.pk) for one in new for role in one.roles]
    insert_rows(User.roles.through, ("user", "role"), roles)
    emails = [
        (one.user.pk, address, False) for one in targets for address in one.emails
    ]
    insert_rows(EmailAddress, ("user", "address", "verified"), emails)
    import_ids = [
        (one.user.pk, value, by_username)
        for one in targets
        for value, by_username in one.import_ids.items()
    ]
    insert_rows(ImportId, ("user", "value", "by_username"), import_ids)
    changed = [one.user for one in targets if one.after and not one.is_new]
    for user in changed:
        user.updated_at = timezone.now()
    User.objects.bulk_update(changed, [*_PROFILE, "pending_avatar_url", "updated_at"])


def _insert(users: list[User]) -> None:
    """Insert new users, and set their primary keys."""
    rows = [[getattr(user, name) for name in _COLUMNS] for user in users]
    insert_rows(User, _COLUMNS, rows)
    keys: dict[str, int] = {}
    for ids in in_chunks(user.public_id for user in users):
        found = User.objects.filter(public_id__in=ids)
        keys.update(found.values_list("public_id", "pk"))
    for user in users:
        user.pk = keys[user.public_id]
