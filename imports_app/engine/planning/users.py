"""Decisions on user records (importers.md 6.1).

A user is matched by import ID, then by e-mail address, then by username if the source
identifies users by username. Existing users keep their roles, username, verified
addresses and status. The initiator and privileged users only get the import ID, and
privileged users only after a person confirmed the match.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from accounts.models import User
from config.mail_addresses import address_problem
from imports_app.downloads.addresses import redacted
from imports_app.engine.matching.decisions import SKIPPED, Decisions
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
from imports_app.engine.messages.planner import ARCHIVE
from imports_app.engine.outcomes import NOT_SELECTED, RecordOutcome, StagedRecord
from imports_app.engine.planning.deactivated_users import (
    NOTE,
    STAYS_DEACTIVATED,
    stays_deactivated,
)
from imports_app.engine.planning.planned_users import PlannedUsers
from imports_app.engine.planning.record_plans import Changes, RecordPlan
from imports_app.engine.planning.role_grants import Grants
from imports_app.engine.planning.selected_records import selected_ids
from imports_app.models import ImportOperation, Outcome
from imports_app.records import Kind, UserRecord, record_of
from imports_app.selection.rules import Selection

PROFILE: Final = ("name", "bio", "status_text", "utc_offset")
"""Fields that an import fills if they are empty."""
_LONGEST: Final = 255


@dataclass(slots=True)
class UserPage:
    """Decisions on the users of a page, and who grants their roles."""

    plans: list[RecordPlan[TargetUser]]
    grants: Grants


class UserPlanner:
    """Planner of the effects of an import on users."""

    def __init__(
        self,
        operation_id: int,
        selection: Selection,
        *,
        initiator_id: str | None,
        grants: Callable[[], Grants],
        fails_existing: bool,
        matches_usernames: bool,
        corrects_details: bool = True,
        planned: PlannedUsers | None = None,
    ) -> None:
        """Set the input of the decisions.

        Args:
            operation_id: The import.
            selection: The selected records.
            initiator_id: Public ID of the initiator of the import.
            grants: Returns the role decisions of a page.
            fails_existing: Whether records of existing users fail.
            matches_usernames: Whether the source identifies users by username.
            corrects_details: Whether details of users with the same import ID are
                corrected. False after a trial run, which has already done so, and has
                added its import IDs to users whose details it only completed.
            planned: Users of earlier pages, if nothing is written.
        """
        self._planned = planned
        self._operation_id = operation_id
        self._selection = selection
        self._initiator_id = initiator_id
        self._grants = grants
        self._fails_existing = fails_existing
        self._matches_usernames = matches_usernames or fails_existing
        self._corrects_details = corrects_details
        self._by_people = Decisions(operation_id)

    def plan(self, page: Sequence[StagedRecord]) -> UserPage:
        """Decide on each record of a page, without writing anything."""
        chosen = selected_ids(
            page,
            operation_id=self._operation_id,
            kind=Kind.USER,
            selection=self._selection,
        )
        records: dict[int, UserRecord] = {}
        skipped: set[int] = set()
        for staged in page:
            if staged.pk not in chosen:
                continue
            record = self._by_people.rewritten_user(_read(staged))
            if record is None:
                skipped.add(staged.pk)
            else:
                records[staged.pk] = record
        index = UserMatcher(
            records.values(),
            self._operation_id,
            matches_usernames=self._matches_usernames,
            decisions=self._by_people or None,
            planned=self._planned,
        )
        grants = self._grants()
        confirmed = ConfirmedMatches(self._selection.confirmed)
        decided = {
            pk: self._decide(index, grants, confirmed, pk, record)
            for pk, record in records.items()
        }
        decided |= {pk: RecordPlan(SKIPPED) for pk in skipped}
        if self._by_people:
            for staged in page:
                if (plan := decided.get(staged.pk)) is not None:
                    note = self._by_people.note(Kind.USER, staged.import_id)
                    plan.add_note(note)
        return UserPage(
            [decided.get(staged.pk) or RecordPlan(NOT_SELECTED) for staged in page],
            grants,
        )

    def _decide(
        self,
        index: UserMatcher,
        grants: Grants,
        confirmed: ConfirmedMatches,
        pk: int,
        record: UserRecord,
    ) -> RecordPlan[TargetUser]:
        if (problem := problem_of(record)) is not None:
            return RecordPlan(problem)
        if (problem := index.problem_of(record)) is not None:
            return RecordPlan(problem)
        target, matched_by = index.find(record)
        if target is None:
            target, notes = self._make(index, grants, record)
            return RecordPlan(
                RecordOutcome(Outcome.IMPORTED, "", " ".join(notes)), target
            )
        if self._fails_existing:
            return RecordPlan(_EXISTS)
        is_confirmed = matched_by is MatchedBy.DECISION or (
            not target.is_privileged or confirmed.includes(pk, target.user)
        )
        if not is_confirmed:
            return RecordPlan(unconfirmed_match(matched_by), matched_by=matched_by)
        is_guess = matched_by is MatchedBy.NAME and not target.is_new
        notes, changes = self._complete(index, target, record, matched_by)
        result = RecordOutcome(
            Outcome.UPDATED if changes else Outcome.UNCHANGED,
            STAYS_DEACTIVATED if NOTE in notes else "",
            " ".join(notes),
            guess=BY_USERNAME if is_guess else "",
        )
        return RecordPlan(result, target, matched_by, changes)

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
            pending_avatar_url=self._avatar_of(record),
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

    def _avatar_of(self, record: UserRecord) -> str:
        """Return the URL of an avatar, or its place in the operation's archive."""
        if record.avatar_entry:
            return f"{ARCHIVE}{self._public_id}/{record.avatar_entry}"
        url = record.avatar_url or ""
        return "" if url.startswith(ARCHIVE) else url  # of another import's archive

    @cached_property
    def _public_id(self) -> str:
        ids = ImportOperation.objects.values_list("public_id", flat=True)
        return ids.get(pk=self._operation_id)

    def _complete(
        self,
        index: UserMatcher,
        target: TargetUser,
        record: UserRecord,
        matched_by: MatchedBy | None,
    ) -> tuple[list[str], Changes]:
        """Add missing details; the user's original source may also update them."""
        changes: Changes = {}
        by_username = matched_by is MatchedBy.NAME
        added = index.add_import_ids(target, record.import_ids, by_username=by_username)
        if added:
            changes["import IDs"] = [], added
        if target.user.public_id == self._initiator_id:
            return [_IS_INITIATOR], changes
        if target.is_privileged:
            return [_IS_PRIVILEGED], changes
        by_id = matched_by is MatchedBy.IMPORT_ID and self._corrects_details
        for name in PROFILE:
            value = getattr(record, name)
            present = getattr(target.user, name)
            if value and value != present and (by_id or not present):
                target.before.setdefault(name, present)
                target.after[name] = value
                changes[name] = present, value
                setattr(target.user, name, value)
        url = self._avatar_of(record)
        has_avatar = bool(target.user.avatar_name)
        if url and not has_avatar and target.user.pending_avatar_url != url:
            shown = redacted(record.avatar_url or record.avatar_entry)
            target.after[_AVATAR] = shown
            changes[_AVATAR] = "", shown
            target.user.pending_avatar_url = url
        known = len(target.emails)
        notes = _refused(index.add_emails(target, record.emails))
        if emails := target.emails[known:]:
            changes["e-mail addresses"] = [], emails
        if stays_deactivated(target, record):
            notes.append(NOTE)
        return notes, changes


_AVATAR: Final = "avatar to download"
_IS_INITIATOR: Final = "This user started the import. Only the import ID was added."
_IS_PRIVILEGED: Final = "This is a privileged user. Only the import ID was added."
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
        f"The e-mail address {email[:80]!r} was not added:"
        f" {address_problem(email) or 'it belongs to another user'}."
        for email in emails
    ]
