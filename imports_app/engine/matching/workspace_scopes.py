"""What stands before the ids of a workspace, so that no two workspaces share any.

The ids of the first workspace stay as they are. Those of every other workspace begin
with its id. Importing a workspace again uses the same ids.
"""

from __future__ import annotations

from django.db import transaction

from accounts.models import EmailAddress, ImportId
from config.db.bulk import in_chunks
from imports_app.importers.workspace_scopes import Workspace
from imports_app.models import SourceWorkspace


@transaction.atomic
def claim_scope(importer_key: str, workspace: Workspace | None) -> str:
    """Return the scope of a workspace, and remember it.

    Args:
        importer_key: The importer that reads it.
        workspace: What the source says of it; without it, ids stay as they are.
    """
    if workspace is None:
        return ""
    known = SourceWorkspace.objects.filter(importer_key=importer_key)
    if (found := known.filter(workspace_id=workspace.id).first()) is not None:
        return found.scope
    same, others = _count_known(workspace)
    is_scoped = others >= same and (others > 0 or known.exists())
    return SourceWorkspace.objects.create(
        importer_key=importer_key,
        workspace_id=workspace.id,
        scope=f"{workspace.id}-" if is_scoped else "",
    ).scope


def _count_known(workspace: Workspace) -> tuple[int, int]:
    """Count the people whose ids are the same person's here, and somebody else's.

    Imports of older releases did not remember their workspace.
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
            has_address = person.email.lower() in addresses.get(user_id, ())
            if has_address or (not person.email and person.username == username):
                same += 1
            else:
                others += 1
    return same, others
