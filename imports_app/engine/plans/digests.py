"""Digests that tell whether a plan belongs to the current selection."""

from __future__ import annotations

from hashlib import sha256

import orjson

from imports_app.engine.corrections.parts import digest_of
from imports_app.models import Decision
from imports_app.selection.rules import Selection


def basis_of(
    operation_id: int, selection: Selection, *, fails_existing: bool = False
) -> str:
    """Return the digest of the input of a plan.

    Two queries. The input consists of the selection, the options, and the decisions and
    corrections of users. Contacts are never imported, so their selection does not
    matter.
    """
    decisions = Decision.objects.of_operation(operation_id).values_list(
        *("kind", "import_id", "action", "value", "target", "made_by")
    )
    chosen = selection.as_json()
    chosen.pop("contacts")
    options = {"fails_existing": fails_existing}
    basis = [chosen, options, list(decisions), digest_of(operation_id)]
    return sha256(orjson.dumps(basis, option=orjson.OPT_SORT_KEYS)).hexdigest()
