"""Log filter for requests that the server refuses."""

from __future__ import annotations

import logging
from typing import Final

_LONGEST_LINE: Final = 300
"""Maximum characters of a line, because lines repeat input of clients."""
_BUGS: Final = frozenset({"django.security.SuspiciousFileOperation"})
"""Loggers of errors that clients can't cause."""


class ClientErrors(logging.Filter):
    """Shortens records of responses 400 to 499 to one warning without a traceback.

    Django logs refused hosts and unreadable forms with a traceback, with which any
    client could fill the log.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Shorten the record; none is dropped."""
        status = getattr(record, "status_code", 0)
        if 400 <= status < 500 and record.name not in _BUGS:
            record.exc_info = record.exc_text = None
            record.levelno, record.levelname = logging.WARNING, "WARNING"
            line = record.getMessage()
            if len(line) > _LONGEST_LINE:
                line = f"{line[:_LONGEST_LINE]}..."
            record.msg, record.args = line, None
        return True
