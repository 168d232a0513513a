"""Uploads that are received in parts."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from accounts.models import User
from config.db.clock import now_in_milliseconds
from config.db.ids import PUBLIC_ID_LENGTH, new_public_id
from imports_app.models.operations import ImportOperation
from imports_app.querysets.uploads import PartialUploadQuerySet


class PartialUpload(models.Model):
    """File that a user uploads in parts, and continues after a lost connection.

    The row stores the number of received bytes. Further bytes of the file are from an
    interrupted part, and are overwritten.
    """

    public_id = models.CharField(
        max_length=PUBLIC_ID_LENGTH, unique=True, default=new_public_id
    )
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    file_name = models.CharField(max_length=255)
    content_type = models.CharField(max_length=255, blank=True)
    metadata = models.TextField(blank=True)
    """The client's `Upload-Metadata` header, returned to it unchanged."""
    modified_ms = models.BigIntegerField(null=True)
    """Last change of the client's file in milliseconds since 1970, to recognize it."""
    size = models.PositiveBigIntegerField()
    """Bytes of the whole file."""
    offset = models.PositiveBigIntegerField(default=0)
    """Bytes received so far."""
    created_at = models.DateTimeField(default=now_in_milliseconds)
    expires_at = models.DateTimeField()
    operation = models.ForeignKey(
        ImportOperation, models.CASCADE, null=True, related_name="+"
    )
    """The import that got the file."""

    objects = PartialUploadQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        indexes = (models.Index(fields=("expires_at",), name="partial_upload_expiry"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(offset__lte=F("size")), name="partial_upload_within_size"
            ),
        )

    def __str__(self) -> str:
        return f"{self.file_name} {self.public_id}"

    @property
    def is_complete(self) -> bool:
        """Whether all bytes are received."""
        return self.offset == self.size
