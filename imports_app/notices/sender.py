"""Threads of a worker that send notices beside the imports."""

from __future__ import annotations

import logging
import threading
from types import TracebackType
from typing import Final

from django.db import Error, connection
from django.utils import timezone

from imports_app.models import NoticeDelivery
from imports_app.notices.attempts import attempt_next, release_lost
from imports_app.notices.distribution import distribute, note_stalls
from imports_app.notices.mails import send_mail
from imports_app.notices.webhooks import send_webhook

logger = logging.getLogger(__name__)

_INTERVAL_SECONDS: Final = 2.0
THREAD: Final = "notices"
"""Name of the threads that send."""
_END_SECONDS: Final = 2.0
"""Maximum seconds that the end of a worker waits for attempts."""


class NoticeSender:
    """Context manager that distributes and sends notices from background threads.

    Each webhook has a thread of its own while deliveries to it are due, and so has
    e-mail. A slow server therefore delays neither imports nor other recipients.
    """

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._channels: dict[int | None, threading.Thread] = {}

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stopping.set()
        self._thread.join(_END_SECONDS)

    def _run(self) -> None:
        while True:
            try:
                self._send_due()
            except Exception:
                logger.exception("Notices were not sent")
            finally:
                connection.close()
            if self._stopping.wait(_INTERVAL_SECONDS):
                return

    def _send_due(self) -> None:
        note_stalls()
        distribute()
        release_lost()
        due = NoticeDelivery.objects.due(timezone.now()).order_by()
        for channel in due.values_list("webhook_id", flat=True).distinct():
            running = self._channels.get(channel)
            if running is None or not running.is_alive():
                thread = threading.Thread(
                    name=THREAD, target=self._send_all, args=(channel,), daemon=True
                )
                self._channels[channel] = thread
                thread.start()

    def _send_all(self, channel: int | None) -> None:
        """Send what is due to a webhook, or by e-mail, one after the other."""
        send = send_mail if channel is None else send_webhook
        try:
            while not self._stopping.is_set() and attempt_next(channel, send):
                pass
        except Error:
            logger.exception("A notice was not sent")
        finally:
            connection.close()
