"""Browser sessions with their owner, so that users can list and end them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.sessions.base_session import AbstractBaseSession, BaseSessionManager
from django.db import models
from django.utils import timezone

from accounts.models.users import User


class Session(AbstractBaseSession):
    """A browser session of the admin."""

    user = models.ForeignKey(
        User, models.CASCADE, null=True, related_name="browser_sessions"
    )
    """NULL until a user logs in."""
    created_at = models.DateTimeField(default=timezone.now)
    last_seen_at = models.DateTimeField(null=True)
    """Exact to a minute."""
    address = models.CharField(max_length=45, blank=True, default="")
    user_agent = models.CharField(max_length=255, blank=True, default="")

    objects: ClassVar[BaseSessionManager[Any]] = BaseSessionManager()

    class Meta(AbstractBaseSession.Meta):
        default_permissions = ()

    @classmethod
    def get_session_store_class(cls) -> type:
        """Return the session store."""
        # The store imports this model.
        from accounts.auth.session_store import SessionStore

        return SessionStore
