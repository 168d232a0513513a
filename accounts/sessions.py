"""The store of sessions (the setting SESSION_ENGINE): Django's, with the owner."""

from __future__ import annotations

from typing import Any, cast

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

from accounts.auth import browser_sessions
from accounts.models.sessions import Session


class SessionStore(DatabaseStore):
    """Keeps in a column whose session it is."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """Return the model."""
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """Return the row of a session, with the user who is logged in.

        Such a session ends when it is unused, and some time after its start; the
        end is in the row, so that no other check is needed.
        """
        if SESSION_KEY in data:
            browser_sessions.start(data)
        row = cast("Session", super().create_model_instance(data))
        row.user_id = data.get(SESSION_KEY)
        if row.user_id is not None:
            browser_sessions.fill(row, data)
        return row
