"""Query sets of uploads that are received in parts."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Sum

from accounts.models import User

if TYPE_CHECKING:
    from imports_app.models import ImportOperation, PartialUpload


class PartialUploadQuerySet(models.QuerySet["PartialUpload"]):
    """Query set of uploads that are received in parts."""

    def of(self, user: User, *, now: datetime) -> Self:
        """Return a user's uploads that have not expired, newest first."""
        return self.filter(user=user, expires_at__gt=now).order_by("-pk")

    def unfinished(self) -> Self:
        """Return the uploads without an import, including expired ones."""
        return self.filter(operation=None)

    def expired(self, *, now: datetime) -> Self:
        """Return the uploads that can no longer be continued."""
        return self.filter(expires_at__lte=now)

    def missing_bytes(self) -> int:
        """Return the number of bytes that are announced but not received."""
        missing = self.aggregate(missing=Sum(F("size") - F("offset")))["missing"]
        return int(missing or 0)

    def advance(self, upload: PartialUpload, *, to: int, expires_at: datetime) -> bool:
        """Set the received bytes, unless another request has changed the upload.

        Args:
            upload: The upload with the bytes that were received before.
            to: The received bytes.
            expires_at: The new expiry time.
        """
        same = self.unfinished().filter(pk=upload.pk, offset=upload.offset)
        return same.update(offset=to, expires_at=expires_at) == 1

    def hand_over(self, upload: PartialUpload, operation: ImportOperation) -> bool:
        """Assign the file to an import, unless another import has it."""
        return self.unfinished().filter(pk=upload.pk).update(operation=operation) == 1
