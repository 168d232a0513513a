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
from config.db.bulk import in_chunks, insert_rows
from imports_app.engine.matching.users import TargetUser
from imports_app.engine.outcomes import RecordOutcome, StagedRecord
from imports_app.engine.planning.decisions import targets_of
from imports_app.engine.planning.role_grants import Grants
from imports_app.engine.planning.users import PROFILE, UserPage, UserPlanner
from imports_app.models import ImportOperation

_COLUMNS: Final = tuple(
    field.attname for field in User._meta.concrete_fields if not field.primary_key
)


class UserConverter:
    """Converter that creates and updates users."""

    def __init__(self, operation_id: int, planner: UserPlanner) -> None:
        self._operation_id = operation_id
        self._planner = planner

    def convert(self, page: Sequence[StagedRecord]) -> list[RecordOutcome]:
        """Plan and write the page's users."""
        return self._write(self._planner.plan(page))

    def _write(self, page: UserPage) -> list[RecordOutcome]:
        targets = targets_of(page.decisions)
        _write(targets)
        self._record(targets, page.grants)
        return [
            replace(one.result, target_id=one.target.user.pk)
            if one.target is not None
            else one.result
            for one in page.decisions
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
    User.objects.bulk_update(changed, [*PROFILE, "pending_avatar_url", "updated_at"])


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
