"""Lease on an import into Mattermost: one worker at a time."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any, Final

from django.utils import timezone

from imports_app.engine.retries import check_stop, retry_on_disconnect
from imports_app.engine.turns import TurnLease
from imports_app.models import MattermostImport
from imports_app.querysets.outgoing.mattermost import MattermostImportQuerySet

_UPLOAD_DURATION: Final = timedelta(minutes=11)
"""Longer than the upload of a chunk may take."""


class MattermostLease(TurnLease):
    """Exclusive right of this process to work on an import into Mattermost."""

    @staticmethod
    def working() -> MattermostImportQuerySet:
        """Return the imports that have not ended."""
        return MattermostImport.objects.working()

    def store(self, **values: Any) -> None:
        """Update columns, also if the database is unavailable for some time.

        Raises:
            LeaseLostError: The import was cancelled or taken over.
            StoppedError: The process is shutting down.
        """
        check_stop()
        retry_on_disconnect(partial(self.renew, **values), check=self.check)

    def store_upload(self, **values: Any) -> None:
        """Update columns right before the upload of a chunk.

        Raises:
            LeaseLostError: The import was cancelled or taken over.
            StoppedError: The process is shutting down.
        """
        self.store(lease_expires_at=timezone.now() + _UPLOAD_DURATION, **values)
