"""The store of sessions (the setting SESSION_ENGINE): Django's, with the owner."""

from __future__ import annotations

from typing import Any, cast

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

from accounts.models.sessions import Session


class SessionStore(DatabaseStore):
    """Keeps in a column whose session it is."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """Return the model."""
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """Return the row of a session, with the user who is logged in."""
        row = cast("Session", super().create_model_instance(data))
        row.user_id = data.get(SESSION_KEY)
        known = Session.objects.filter(pk=row.pk).values_list("created_at", flat=True)
        row.created_at = next(iter(known), row.created_at)
        return row
