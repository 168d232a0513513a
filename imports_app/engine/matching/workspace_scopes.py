"""Prefixes of import IDs, which keep workspaces apart.

Import IDs of the first workspace have no prefix; those of every other workspace begin
with its ID. Importing a workspace again uses the same prefix.
"""

from __future__ import annotations

from typing import Final

from django.db import transaction

from accounts.models import EmailAddress, ImportId
from config.db.bulk import in_chunks
from imports_app.engine.matching.usernames import username_candidates
from imports_app.engine.undo.journal import Journal
from imports_app.errors import SourceError
from imports_app.importers.workspace_scopes import Workspace
from imports_app.models import ImportOperation, JournalTable, SourceWorkspace

_UNNAMED: Final = SourceError(
    "importer-workspace-unnamed",
    "The export does not name its workspace, and its user IDs belong to other users on"
    " this server. Add the team_id of the workspace to the users in users.json.",
)


@transaction.atomic
def claim_scope(operation: ImportOperation, workspace: Workspace | None) -> str:
    """Return the prefix of a workspace, and store it.

    Args:
        operation: The import that reads the workspace.
        workspace: The workspace; without one, the prefix is empty.

    Raises:
        SourceError: The source names no workspace, and most of its IDs that are known
            belong to other users.
    """
    if workspace is None:
        return ""
    if not workspace.id:
        same, others = _count_known(workspace)
        if others > same:
            raise _UNNAMED
        return ""
    journal = Journal(operation.pk)
    known = SourceWorkspace.objects.filter(importer_key=operation.importer_key)
    if (found := known.filter(workspace_id=workspace.id).first()) is not None:
        journal.used(JournalTable.WORKSPACE, [found.pk])
        journal.write()
        return found.scope
    same, others = _count_known(workspace)
    is_scoped = others >= same and (others > 0 or known.exists())
    created = SourceWorkspace.objects.create(
        importer_key=operation.importer_key,
        workspace_id=workspace.id,
        scope=f"{workspace.id}-" if is_scoped else "",
    )
    journal.created(JournalTable.WORKSPACE, [created.pk])
    journal.write()
    return created.scope


def _count_known(workspace: Workspace) -> tuple[int, int]:
    """Count the users whose import ID belongs to the same user, and to another user.

    Imports of older releases did not store their workspace.
    """
    same = others = 0
    people = {person.import_id: person for person in workspace.people}
    for ids in in_chunks(people):
        owners = ImportId.objects.filter(value__in=ids)
        rows = list(owners.values_list("value", "user_id", "user__username"))
        addresses: dict[int, set[str]] = {}
        owned = EmailAddress.objects.filter(user__in=[row[1] for row in rows])
        for user_id, address in owned.values_list("user_id", "address"):
            addresses.setdefault(user_id, set()).add(address.lower())
        for import_id, user_id, username in rows:
            person = people[import_id]
            known = addresses.get(user_id, set())
            is_same = person.email.lower() in known
            if not (person.email and known):
                derived = map(str.lower, username_candidates(person.username))
                is_same = str(username).lower() in derived
            if is_same:
                same += 1
            else:
                others += 1
    return same, others
