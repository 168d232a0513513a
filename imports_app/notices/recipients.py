"""Recipients of e-mail about imports."""

from __future__ import annotations

from django.conf import settings
from django.db.models import Q

from accounts.models import User
from accounts.permission_names import PermissionName
from imports_app.models import MailSubscription, Notice, NoticeEvent
from imports_app.querysets.overall_status import OverallStatus

_PERMISSION = PermissionName.VIEW_IMPORT_OPERATIONS


def mail_recipients(notice: Notice) -> list[int]:
    """Return the keys of the users who subscribed to the event and may get it."""
    if not settings.EMAIL_HOST or is_outdated(notice):
        return []
    scopes = MailSubscription.Scope
    own = Q(scope=scopes.OWN, user__public_id=notice.operation.user_id)
    subscribed = MailSubscription.objects.filter(
        own | Q(scope=scopes.ALL), event=notice.event
    )
    users = User.objects.mailable(_PERMISSION).filter(
        pk__in=subscribed.values("user_id")
    )
    return list(users.order_by("pk").values_list("pk", flat=True))


def mail_address(user_id: int) -> str | None:
    """Return the user's confirmed address, or `None` if the user may get no e-mail."""
    users = User.objects.mailable(_PERMISSION).filter(pk=user_id)
    address: str | None = users.values_list("confirmed_address", flat=True).first()
    return address


def is_outdated(notice: Notice) -> bool:
    """Return whether a notice asks for a review that is over."""
    waits = notice.operation.overall_status is OverallStatus.WAITING
    return notice.event == NoticeEvent.NEEDS_REVIEW and not waits
