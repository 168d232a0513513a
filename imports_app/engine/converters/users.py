"""Writing of planned users.

Every change of an existing user is in the activity log.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from django.utils import timezone

from accounts.models import ActivityEntry, EmailAddress, ImportId, User
from accounts.services.activity import ChangedState, State, record_changes
from config.db.bulk import insert_with_keys
from imports_app.engine.matching.users import TargetUser
from imports_app.engine.outcomes import RecordOutcome, StagedRecord
from imports_app.engine.planning.record_plans import targets_of
from imports_app.engine.planning.role_grants import Grants
from imports_app.engine.planning.users import PROFILE, UserPage, UserPlanner
from imports_app.engine.undo.journal import Journal, changes_of
from imports_app.engine.undo.kept_rows import fingerprint_of_user
from imports_app.models import ImportOperation, JournalTable

_COLUMNS: Final = tuple(
    field.attname for field in User._meta.concrete_fields if not field.primary_key
)

_UPDATED: Final = (*PROFILE, "pending_avatar_url", "updated_at")


class UserConverter:
    """Converter that creates and updates users."""

    def __init__(self, operation_id: int, planner: UserPlanner) -> None:
        self._operation_id = operation_id
        self._planner = planner
        self._journal = Journal(operation_id)

    def convert(self, page: Sequence[StagedRecord]) -> list[RecordOutcome]:
        """Plan and write the page's users."""
        return self._write(self._planner.plan(page))

    def _write(self, page: UserPage) -> list[RecordOutcome]:
        targets = targets_of(page.plans)
        _write(targets, self._journal)
        self._record(targets, page.grants)
        return [
            replace(one.result, target_id=one.target.user.pk)
            if one.target is not None
            else one.result
            for one in page.plans
        ]

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


def _write(targets: list[TargetUser], journal: Journal) -> None:
    """Write users with their addresses, import IDs and roles."""
    journal.begin()
    new = [target for target in targets if target.is_new]
    write_users([target.user for target in new], journal)
    roles = [(one.user.pk, role.pk) for one in new for role in one.roles]
    emails = [
        (one.user.pk, address, False) for one in targets for address in one.emails
    ]
    import_ids = [
        (one.user.pk, value, by_username)
        for one in targets
        for value, by_username in one.import_ids.items()
    ]
    for table, model, columns, rows in (
        (JournalTable.USER_ROLE, User.roles.through, ("user", "role"), roles),
        (JournalTable.EMAIL, EmailAddress, ("user", "address", "verified"), emails),
        (
            JournalTable.USER_IMPORT_ID,
            ImportId,
            ("user", "value", "by_username"),
            import_ids,
        ),
    ):
        journal.created(table, insert_with_keys(model, columns, rows))
    existing = [one for one in targets if not one.is_new]
    _update([one.user for one in existing if one.after], journal)
    journal.used(JournalTable.USER, [one.user.pk for one in existing])
    journal.write()


def write_users(users: Sequence[User], journal: Journal) -> None:
    """Insert new users, and set their primary keys."""
    rows = [[getattr(user, name) for name in _COLUMNS] for user in users]
    keys = insert_with_keys(User, _COLUMNS, rows)
    for user, key in zip(users, keys, strict=True):
        user.pk = key
    fingerprints = {user.pk: fingerprint_of_user(user) for user in users}
    journal.created(JournalTable.USER, keys, fingerprints)


def _update(users: Sequence[User], journal: Journal) -> None:
    """Update existing users."""
    now = timezone.now()
    for user in users:
        user.updated_at = now
    before = User.objects.filter(pk__in=[user.pk for user in users])
    journal.changed(JournalTable.USER, changes_of(users, before, _UPDATED))
    User.objects.bulk_update(users, _UPDATED)
