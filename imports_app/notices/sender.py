"""Sending of notices in threads of a worker."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from django.utils import timezone

from imports_app.engine.background.threads import BackgroundWork
from imports_app.models import NoticeDelivery
from imports_app.notices.attempts import attempt_next, release_lost
from imports_app.notices.distribution import distribute, note_stalls
from imports_app.notices.mails import send_mail
from imports_app.notices.webhooks import send_webhook


class NoticeSender(BackgroundWork[int | None]):
    """Context manager that distributes and sends notices.

    The keys are those of webhooks; `None` is e-mail.
    """

    thread: ClassVar[str] = "notices"
    failure: ClassVar[str] = "Notices were not sent"

    def due(self) -> Iterable[int | None]:
        """Distribute notices, and return the webhooks with due deliveries."""
        note_stalls()
        distribute()
        release_lost()
        due = NoticeDelivery.objects.due(timezone.now()).order_by()
        return due.values_list("webhook_id", flat=True).distinct()

    def work(self, key: int | None) -> None:
        """Send the due notices to a webhook, or by e-mail, one after the other."""
        send = send_mail if key is None else send_webhook
        while not self.stopping.is_set() and attempt_next(key, send):
            pass
