"""Workspace of imported rooms, members and messages.

The constraints make repeated imports of a source safe.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from config.db.clock import now_in_milliseconds
from config.db.ids import PUBLIC_ID_LENGTH, new_public_id
from imports_app.querysets.workspace import (
    MessageQuerySet,
    RoomMemberQuerySet,
    RoomQuerySet,
)


class Room(models.Model):
    """Public room, private room or direct messages."""

    class Type(models.TextChoices):
        """Type of a room; the values are the wire's `t`."""

        PUBLIC = "c", _("public room")
        PRIVATE = "p", _("private room")
        DIRECT = "d", _("direct messages")

    public_id = models.CharField(
        _("ID"), max_length=PUBLIC_ID_LENGTH, unique=True, default=new_public_id
    )
    type = models.CharField(_("type"), max_length=1, choices=Type)
    name = models.CharField(_("name"), max_length=255, null=True, blank=True)
    """Name after the `#`; NULL for direct messages."""
    display_name = models.CharField(_("display name"), max_length=255, blank=True)
    """Name in the source."""
    member_key = models.CharField(max_length=32, null=True, blank=True, unique=True)
    """Digest of a direct message's members; unique for each set of members."""
    topic = models.TextField(_("topic"), blank=True)
    description = models.TextField(_("description"), blank=True)
    is_archived = models.BooleanField(_("archived"), default=False)
    creator = models.ForeignKey(
        User,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("created by"),
    )
    created_at = models.DateTimeField(_("created"), default=now_in_milliseconds)
    message_count = models.PositiveIntegerField(_("messages"), default=0)
    last_message_at = models.DateTimeField(_("last message"), null=True, blank=True)
    has_positions = models.BooleanField(db_default=False, default=False)
    """Whether the stored positions of messages are current. Every change of messages
    clears it."""
    shown_count = models.PositiveIntegerField(null=True)
    """Number of messages without hidden replies; stored with the positions.

    Not NULL without positions means that they are being computed."""

    objects = RoomQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        ordering = ("name", "id")
        verbose_name = _("room")
        verbose_name_plural = _("rooms")
        constraints = (
            models.UniqueConstraint(fields=("name",), name="room_name_unique"),
            models.CheckConstraint(
                condition=models.Q(type="d", name=None, member_key__isnull=False)
                | models.Q(type__in=("c", "p"), name__isnull=False, member_key=None),
                name="room_named_or_direct",
            ),
        )

    def __str__(self) -> str:
        return self.name or self.display_name or self.public_id


class RoomImportId(models.Model):
    """ID of the room in a source."""

    room = models.ForeignKey(Room, models.CASCADE, related_name="import_ids")
    value = models.CharField(_("ID in the source"), max_length=255, unique=True)

    class Meta:
        default_permissions = ()
        ordering = ("id",)
        verbose_name = _("import ID")
        verbose_name_plural = _("import IDs")

    def __str__(self) -> str:
        return self.value


class MessagePosition(models.Model):
    """Position of every 500th message of a room, in order of time.

    A page at any offset begins at the next stored position.
    """

    room = models.ForeignKey(Room, models.CASCADE, related_name="+", db_index=False)
    number = models.PositiveIntegerField()
    """Number of messages before this one."""
    shown = models.PositiveIntegerField()
    """Number of messages before this one, without hidden replies."""
    sent_at = models.DateTimeField()
    message = models.ForeignKey(
        "Message",
        models.DO_NOTHING,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )

    class Meta:
        default_permissions = ()
        ordering = ("number",)
        indexes = (models.Index(fields=("room", "shown"), name="message_shown"),)
        constraints = (
            models.UniqueConstraint(
                fields=("room", "number"), name="message_position_unique"
            ),
        )

    def __str__(self) -> str:
        return str(self.number)


class RoomMember(models.Model):
    """Member of a room."""

    room = models.ForeignKey(
        Room, models.CASCADE, related_name="members", db_index=False
    )
    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    is_owner = models.BooleanField(_("owner"), default=False)
    is_reader = models.BooleanField(db_default=False, default=False)
    """Whether the member may read the room through the API.

    Only imports by holders of view-room-administration set it: otherwise, an import
    could make anybody a reader of any room.
    """

    objects = RoomMemberQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        ordering = ("id",)
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints = (
            models.UniqueConstraint(fields=("room", "user"), name="room_member_unique"),
        )

    def __str__(self) -> str:
        return str(self.user)


class Message(models.Model):
    """Message in a room."""

    room = models.ForeignKey(
        Room, models.CASCADE, related_name="messages", db_index=False
    )
    import_id = models.CharField(_("ID"), max_length=255)
    """The same in every export of the message (the wire's `_id`)."""
    author = models.ForeignKey(
        User,
        models.DO_NOTHING,
        to_field="public_id",
        db_constraint=False,
        db_index=False,
        null=True,
        related_name="+",
        verbose_name=_("author"),
    )
    """Author's ID, which is kept like the message after the user is deleted."""
    sent_at = models.DateTimeField(_("sent"))
    text = models.TextField(_("text"), blank=True)
    event = models.CharField(_("event"), max_length=40, blank=True, db_default="")
    """The wire's `t` of an event, such as `uj` for joining; empty for others."""
    thread = models.CharField(_("reply to"), max_length=255, null=True, blank=True)
    """Import ID of the thread's first message, which may be missing."""
    edited_at = models.DateTimeField(_("edited"), null=True, blank=True)
    extras: models.JSONField[Any, Any] = models.JSONField(
        _("additional data"), null=True, blank=True
    )
    """Optional parts: `alias`, `emoji`, `bot`, `editor` and `mentions` (IDs of users),
    `reactions` (usernames by emoji), `attachments`, `broadcast` (a reply that is shown
    in the room as well)."""

    is_reply: bool
    """Whether the thread's first message exists; set by `with_roots`."""

    objects = MessageQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        ordering = ("sent_at", "id")
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        indexes = (
            models.Index(fields=("room", "sent_at", "id"), name="message_history"),
            models.Index(
                fields=("room", "thread", "sent_at", "id"),
                name="message_thread",
                condition=models.Q(thread__isnull=False),
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("room", "import_id"), name="message_unique_in_room"
            ),
        )

    def __str__(self) -> str:
        return self.import_id
