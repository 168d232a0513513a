"""A copy of the activity log's head outside of the database.

An attacker who restores an old copy of the tables has a log that is consistent in
itself. It ends before the entry that this file names, and so `verify_log` notices.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import orjson
from django.conf import settings

if TYPE_CHECKING:
    from accounts.models import ActivityLogHead


class KnownHead(NamedTuple):
    """The number and the digest of an entry that is known to exist."""

    sequence: int
    digest: str


UNREADABLE: Final = KnownHead(sys.maxsize, "")


def path_of(log_id: str) -> Path:
    """Return the file of a log."""
    return Path(settings.DATA_DIR) / f"activity-log-{log_id}.json"


def read(log_id: str) -> KnownHead | None:
    """Return what the file says; `None` if there is no file.

    A file that can't be read names an entry that no log has.
    """
    try:
        content = orjson.loads(path_of(log_id).read_bytes())
        return KnownHead(int(content["sequence"]), str(content["digest"]))
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        return UNREADABLE


def write(head: ActivityLogHead) -> None:
    """Replace the file, unless it is of a later entry."""
    path = path_of(head.log_id)
    known = read(head.log_id)
    if known is not None and known.sequence >= head.sequence:
        return
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.")
    with os.fdopen(descriptor, "wb") as file:
        file.write(orjson.dumps({"sequence": head.sequence, "digest": head.digest}))
    Path(draft).replace(path)
