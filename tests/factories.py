"""Factories of realistic rows; dependent fields follow from the others."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import factory
from django.utils import timezone
from django_otp.oath import totp
from factory.django import DjangoModelFactory

from accounts.auth.encryption import encrypt
from accounts.models import (
    AuthToken,
    EmailAddress,
    ImportId,
    Permission,
    Role,
    TwoFactorDevice,
    User,
)
from accounts.models.tokens import token_digest
from config.db.clock import now_in_milliseconds
from imports_app.models import (
    ImportOperation,
    ImportRecord,
    KindCount,
    MirroredOperation,
    Notice,
    NoticeDelivery,
    NoticeEvent,
    OperationEvent,
    Room,
    Server,
    Webhook,
)
from imports_app.models.notices import KEY_PURPOSE
from imports_app.models.outgoing.servers import KEY_PURPOSE as SERVER_KEY_PURPOSE
from imports_app.statuses import FINISHED, Status


class RoleFactory(DjangoModelFactory[Role]):
    """Custom role with the given permissions."""

    class Meta:
        model = Role
        skip_postgeneration_save = True

    name = factory.Sequence(lambda number: f"role-{number}")

    @factory.post_generation
    def permissions(self: Any, create: bool, names: Any, **kwargs: Any) -> None:
        for name in names or ():
            Permission.objects.get(name=name).roles.add(self)


class UserFactory(DjangoModelFactory[User]):
    """Active user with an unusable password and the given roles."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda number: f"user.{number}")
    name = factory.LazyAttribute(
        lambda user: (user.username or "nobody").replace(".", " ").title()
    )

    @factory.post_generation
    def roles(self: Any, create: bool, roles: Any, **kwargs: Any) -> None:
        for role in roles or ():
            found = role if isinstance(role, Role) else Role.objects.get(name=role)
            self.roles.add(found)


class EmailAddressFactory(DjangoModelFactory[EmailAddress]):
    """Verified e-mail address."""

    class Meta:
        model = EmailAddress

    user = factory.SubFactory(UserFactory)
    address = factory.LazyAttribute(lambda email: f"{email.user.username}@example.org")
    verified = True


class ImportIdFactory(DjangoModelFactory[ImportId]):
    """Import ID."""

    class Meta:
        model = ImportId

    user = factory.SubFactory(UserFactory)
    value = factory.Sequence(lambda number: f"U{number:08}")


TOTP_SECRET = b"12345678901234567890"


class TwoFactorDeviceFactory(DjangoModelFactory[TwoFactorDevice]):
    """Confirmed authenticator app with a known secret."""

    class Meta:
        model = TwoFactorDevice

    user = factory.SubFactory(UserFactory)
    secret = factory.LazyFunction(lambda: encrypt(TOTP_SECRET))
    confirmed_at = factory.LazyFunction(timezone.now)


def totp_code(offset: int = 0) -> str:
    """Return the app's code, with an offset in steps of 30 seconds."""
    return f"{totp(TOTP_SECRET, drift=offset):06}"


class AuthTokenFactory(DjangoModelFactory[AuthToken]):
    """Personal access token that never expires; `plain` is its value."""

    class Meta:
        model = AuthToken
        exclude = ("plain",)

    plain = factory.Sequence(lambda number: f"{number:043}")
    user = factory.SubFactory(UserFactory)
    kind = AuthToken.Kind.PERSONAL
    name = factory.Sequence(lambda number: f"token {number}")
    digest = factory.LazyAttribute(lambda token: token_digest(token.plain))
    last_part = factory.LazyAttribute(lambda token: token.plain[-6:])


class ImportOperationFactory(DjangoModelFactory[ImportOperation]):
    """Finished CSV import, each a minute newer than the one before."""

    class Meta:
        model = ImportOperation

    importer_key = "csv"
    importer_name = "CSV"
    user = factory.SubFactory(UserFactory)
    status = Status.DONE
    is_valid = False
    created_at = factory.Sequence(
        lambda number: now_in_milliseconds() - timedelta(days=1, minutes=-number)
    )
    updated_at = factory.SelfAttribute("created_at")
    status_since = factory.SelfAttribute("created_at")
    running_ms = None
    finished_at = factory.LazyAttribute(
        lambda operation: (
            operation.updated_at
            if operation.status in FINISHED or not operation.is_valid
            else None
        )
    )


class OperationEventFactory(DjangoModelFactory[OperationEvent]):
    """Creation of an operation."""

    class Meta:
        model = OperationEvent

    operation = factory.SubFactory(ImportOperationFactory)
    actor = factory.SelfAttribute("operation.user")
    to_status = Status.NEW


class ImportRecordFactory(DjangoModelFactory[ImportRecord]):
    """Staged message."""

    class Meta:
        model = ImportRecord

    operation = factory.SubFactory(ImportOperationFactory)
    kind = "message"
    import_id = factory.Sequence(lambda number: f"M{number:08}")
    data = factory.LazyFunction(dict)


class KindCountFactory(DjangoModelFactory[KindCount]):
    """Zero counts of one kind."""

    class Meta:
        model = KindCount

    operation = factory.SubFactory(ImportOperationFactory)
    kind = "message"


class RoomFactory(DjangoModelFactory[Room]):
    """Public channel."""

    class Meta:
        model = Room

    type = Room.Type.PUBLIC
    name = factory.Sequence(lambda number: f"room-{number}")


class WebhookFactory(DjangoModelFactory[Webhook]):
    """Active webhook for all events; `key` is its signing key."""

    class Meta:
        model = Webhook
        exclude = ("key",)

    key = b"k" * 32
    name = factory.Sequence(lambda number: f"webhook {number}")
    url = "https://hooks.example.org/imports"
    events = factory.LazyFunction(lambda: list(NoticeEvent.values))
    secret = factory.LazyAttribute(lambda webhook: encrypt(webhook.key, KEY_PURPOSE))


class NoticeFactory(DjangoModelFactory[Notice]):
    """Notice of a completed import."""

    class Meta:
        model = Notice

    operation = factory.SubFactory(ImportOperationFactory)
    event = NoticeEvent.COMPLETED


class NoticeDeliveryFactory(DjangoModelFactory[NoticeDelivery]):
    """Delivery to a webhook that failed for good."""

    class Meta:
        model = NoticeDelivery

    notice = factory.SubFactory(
        NoticeFactory, is_distributed=True, body='{"type":"import.completed"}'
    )
    webhook = factory.SubFactory(WebhookFactory)
    state = NoticeDelivery.State.FAILED
    attempts = 9
    response_status = 503
    error = "The server answered with status 503."


class ServerFactory(DjangoModelFactory[Server]):
    """Connected Rocket.Chat server, which does not exist."""

    class Meta:
        model = Server
        exclude = ("key",)

    key = b"token"
    name = factory.Sequence(lambda number: f"server-{number}")
    base_address = "https://chat.example.org"
    user_id = "rbAXPnMktTFbNpwtJ"
    token = factory.LazyAttribute(
        lambda server: encrypt(server.key, SERVER_KEY_PURPOSE)
    )


class MirroredOperationFactory(DjangoModelFactory[MirroredOperation]):
    """Completed import of a connected server."""

    class Meta:
        model = MirroredOperation

    server = factory.SubFactory(ServerFactory)
    public_id = factory.Sequence(lambda number: f"operation{number}")
    importer_name = "CSV"
    importer_key = "csv"
    created_at = factory.LazyFunction(now_in_milliseconds)
    updated_at = factory.LazyFunction(now_in_milliseconds)
    status = Status.DONE
    is_valid = True
