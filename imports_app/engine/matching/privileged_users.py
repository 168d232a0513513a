"""Confirmation of matches between records and privileged users.

An import matches a privileged user only if a user who may edit the privileged user has
confirmed the match for this import.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from accounts.auth.rights import rights_of
from accounts.models import User
from accounts.permission_names import PermissionName
from accounts.services.activity import Author
from imports_app.engine.matching.matched_by import MatchedBy
from imports_app.engine.outcomes import RecordOutcome
from imports_app.models import ImportRecord, Outcome
from imports_app.selection.rules import Confirmation, Selection

UNCONFIRMED: Final = "importer-privileged-user-unconfirmed"
"""Code of records that match a privileged user without a confirmation."""
_MATCHES: Final = {
    MatchedBy.IMPORT_ID: "import ID",
    MatchedBy.EMAIL: "e-mail address",
    MatchedBy.NAME: "username",
}


def may_confirm(confirmer: User, user: User) -> bool:
    """Return whether a user may confirm that a record is a privileged user.

    Users may confirm matches with themselves. Others must have the permission to edit
    the user, and all permissions that the user has.
    """
    if confirmer.pk == user.pk:
        return True
    if not confirmer.has_perm(PermissionName.EDIT_OTHER_USER_INFO):
        return False
    return rights_of(Author(confirmer)).missing_for_users([user]) is None


class ConfirmedMatches:
    """Confirmed matches of an import, with database queries on demand.

    A confirmation is valid while its author is active and still has the permission.
    """

    def __init__(self, confirmed: Mapping[int, Confirmation]) -> None:
        self._confirmed = confirmed
        self._confirmers: dict[str, User | None] = {}

    def includes(self, record_id: int, user: User) -> bool:
        """Return whether a person confirmed that this record is this user."""
        confirmation = self._confirmed.get(record_id)
        if confirmation is None or confirmation.user != user.public_id:
            return False
        confirmer = self._confirmer(confirmation.by)
        return confirmer is not None and may_confirm(confirmer, user)

    def _confirmer(self, public_id: str) -> User | None:
        if public_id not in self._confirmers:
            active = User.objects.filter(public_id=public_id, is_active=True)
            self._confirmers[public_id] = active.first()
        return self._confirmers[public_id]


def confirmed_import_ids(operation_id: int, selection: Selection) -> dict[str, str]:
    """Return the users' public IDs by import ID of the confirmed records."""
    if not selection.confirmed:
        return {}
    matches = ConfirmedMatches(selection.confirmed)
    wanted = {one.user for one in selection.confirmed.values()}
    users = User.objects.in_bulk(list(wanted), field_name="public_id")
    records = ImportRecord.objects.filter(
        operation=operation_id, pk__in=list(selection.confirmed)
    )
    return {
        import_id: user.public_id
        for pk, data in records.values_list("pk", "data")
        if (user := users.get(selection.confirmed[pk].user)) is not None
        and matches.includes(pk, user)
        for import_id in data["import_ids"]
    }


def unconfirmed_match(matched_by: MatchedBy | None) -> RecordOutcome:
    """Return the failure of a user record that matches a privileged user."""
    found = _MATCHES[matched_by] if matched_by is not None else "import ID"
    return RecordOutcome(
        Outcome.FAILED,
        UNCONFIRMED,
        f"The record matches a privileged user by {found}, and the match was not"
        " confirmed. Retry the failed records and confirm the match under Review and"
        " import.",
    )


def unconfirmed_author(author: str) -> RecordOutcome:
    """Return the failure of a message whose author matches a privileged user."""
    return _unconfirmed("author", author)


def unconfirmed_member(member: str) -> RecordOutcome:
    """Return the failure of a direct room whose member matches a privileged user."""
    return _unconfirmed("member", member)


def _unconfirmed(noun: str, import_id: str) -> RecordOutcome:
    return RecordOutcome(
        Outcome.FAILED,
        UNCONFIRMED,
        f"The {noun} {import_id[:80]!r} matches a privileged user, and the match was"
        f" not confirmed. Add the {noun} to the users of the source, import it again"
        " and confirm the match under Review and import.",
    )
