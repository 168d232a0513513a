"""Copy of the activity log's head outside of the database.

An attacker who restores an old copy of the tables gets a consistent log. `verify_log`
detects this, because the log ends before the entry in this file.
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
    """Number and digest of an entry that is known to exist."""

    sequence: int
    digest: str


UNREADABLE: Final = KnownHead(sys.maxsize, "")


def path_of(log_id: str) -> Path:
    """Return the path of a log's file."""
    return Path(settings.DATA_DIR) / f"activity-log-{log_id}.json"


def read(log_id: str) -> KnownHead | None:
    """Return the content of the file, or `None` if there is no file.

    An unreadable file returns `UNREADABLE`, which matches no entry.
    """
    try:
        content = orjson.loads(path_of(log_id).read_bytes())
        return KnownHead(int(content["sequence"]), str(content["digest"]))
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        return UNREADABLE


def write(head: ActivityLogHead) -> None:
    """Write the file, unless it already has a later entry."""
    path = path_of(head.log_id)
    known = read(head.log_id)
    if known is not None and known.sequence >= head.sequence:
        return
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.")
    with os.fdopen(descriptor, "wb") as file:
        file.write(orjson.dumps({"sequence": head.sequence, "digest": head.digest}))
    Path(draft).replace(path)
