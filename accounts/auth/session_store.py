"""Session store (SESSION_ENGINE): Django's, with owners and hashed session keys.

The cookie contains the key, the table its digest. Read access to the table is not
enough to use a session.
"""

from __future__ import annotations

from typing import Any, cast

from asgiref.sync import sync_to_async
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.utils import timezone

from accounts.auth import browser_sessions
from accounts.models.sessions import Session


class SessionStore(DatabaseStore):
    """Database sessions with an owner, stored under the digest of the key."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """Return the session model."""
        return Session

    def exists(self, session_key: str) -> bool:
        """Return whether there is a session with this key."""
        return super().exists(browser_sessions.digest_of(session_key))

    async def aexists(self, session_key: str) -> bool:
        """Return whether there is a session with this key."""
        return await sync_to_async(self.exists)(session_key)

    def delete(self, session_key: str | None = None) -> None:
        """Delete the session with this key, or the current one."""
        key = session_key or self.session_key
        if key is not None:
            super().delete(browser_sessions.digest_of(key))

    async def adelete(self, session_key: str | None = None) -> None:
        """Delete the session with this key, or the current one."""
        await sync_to_async(self.delete)(session_key)

    def _get_session_from_db(self) -> Any:
        """Return the row of the current key, or drop the key if there is none."""
        key = self._session_key
        rows = Session.objects.filter(
            pk=browser_sessions.digest_of(key or ""), expire_date__gt=timezone.now()
        )
        row = rows.first()
        if row is None:
            self._session_key = None
        return row

    async def _aget_session_from_db(self) -> Any:
        return await sync_to_async(self._get_session_from_db)()

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """Return the row of a session with its owner and expiry time.

        The row has the earlier of idle and absolute expiry, so that no other check is
        needed.
        """
        if SESSION_KEY in data:
            browser_sessions.start(data)
        row = cast("Session", super().create_model_instance(data))
        row.session_key = browser_sessions.digest_of(row.session_key)
        row.user_id = data.get(SESSION_KEY)
        if row.user_id is not None:
            browser_sessions.fill(row, data)
        return row

    async def acreate_model_instance(self, data: dict[str, Any]) -> Session:
        """Return the row of a session with its owner and expiry time."""
        return await sync_to_async(self.create_model_instance)(data)
