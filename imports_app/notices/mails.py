"""E-mail notices: plain text with a simple HTML alternative."""

from __future__ import annotations

import smtplib
import unicodedata
from email.utils import parseaddr
from typing import Any, Final

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from config.admin.formatting import format_number
from imports_app.models import Notice, NoticeDelivery, NoticeEvent
from imports_app.notices.attempts import Result
from imports_app.notices.recipients import is_outdated, mail_address

_LONGEST_NAME: Final = 80
_LONGEST_REASON: Final = 1_000
_PERMANENT: Final = range(500, 600)
_UNSAFE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
"""Unicode categories of line breaks, and of characters that change the text's order."""
_State = NoticeDelivery.State
_EXPLANATIONS: Final = {
    NoticeEvent.NEEDS_REVIEW: gettext_lazy(
        "The file was read. Nothing is imported until a user reviews and starts the"
        " import."
    ),
    NoticeEvent.COMPLETED: gettext_lazy("Everything was processed without failures."),
    NoticeEvent.WITH_FAILURES: gettext_lazy(
        "Some records failed. Review the reasons, then retry them or import corrected"
        " records."
    ),
    NoticeEvent.FAILED: gettext_lazy(
        "The import ended early. Records imported so far are kept."
    ),
    NoticeEvent.STALLED: gettext_lazy(
        "No worker has processed the import for a minute. No data is lost; the next"
        " worker resumes automatically. Check that a worker is running."
    ),
}

_TRIAL_COMPLETED: Final = gettext_lazy(
    "The first messages of each room were imported without failures. Review the"
    " result, then continue with the rest or undo the import."
)


def send_mail(delivery: NoticeDelivery) -> Result:
    """Send a notice to its user, if the user may still get it."""
    notice = delivery.notice
    if not settings.EMAIL_HOST:
        return Result(_State.SKIPPED, error="EMAIL_HOST is not set.")
    if is_outdated(notice):
        return Result(_State.SKIPPED, error="The import no longer waits for a review.")
    address = mail_address(delivery.user_id) if delivery.user_id else None
    if address is None:
        return Result(
            _State.SKIPPED,
            error="The user has no confirmed address, no password, or may not view"
            " imports.",
        )
    try:
        _message(notice, address).send()
    except smtplib.SMTPRecipientsRefused as error:
        status, _text = next(iter(error.recipients.values()))
        return _refused(status, is_final=status in _PERMANENT)
    except smtplib.SMTPResponseException as error:
        is_content = isinstance(error, smtplib.SMTPDataError)
        status = error.smtp_code
        return _refused(status, is_final=is_content and status in _PERMANENT)
    except (OSError, smtplib.SMTPException) as error:
        return Result(
            _State.PENDING,
            error=f"The mail server did not respond: {type(error).__name__}. Check"
            " EMAIL_HOST.",
        )
    return Result(_State.DELIVERED)


def subject_of(notice: Notice) -> str:
    """Return the subject: the event and the name of the import, in one line."""
    operation, text = notice.operation, _("Import of %(name)s: %(event)s")
    if operation.is_undo and operation.parent is not None:
        operation, text = operation.parent, _("Undo of %(name)s: %(event)s")
    elif operation.is_trial:
        text = _("Trial run of %(name)s: %(event)s")
    name = operation.original_file_name or operation.importer_name
    return text % {"name": _one_line(name), "event": event_text(notice)}


def event_text(notice: Notice) -> str:
    """Return the event as text, such as `completed with 3 failures`."""
    match notice.event:
        case NoticeEvent.NEEDS_REVIEW:
            return _("waiting for review")
        case NoticeEvent.COMPLETED:
            return _("completed")
        case NoticeEvent.WITH_FAILURES:
            number = notice.failed_records
            text = ngettext(
                "completed with %s failure", "completed with %s failures", number
            )
            return text % format_number(number)
        case NoticeEvent.FAILED:
            return _("failed")
    return _("stalled")


def _explanation(notice: Notice) -> Any:
    if notice.event == NoticeEvent.COMPLETED and notice.operation.is_trial:
        return _TRIAL_COMPLETED
    return _EXPLANATIONS[NoticeEvent(notice.event)]


def _message(notice: Notice, address: str) -> EmailMultiAlternatives:
    operation = notice.operation
    page = reverse("admin:imports_app_importoperation_change", args=[operation.pk])
    base = settings.BASE_URL
    subject = subject_of(notice)
    context = {
        "notice": notice,
        "operation": operation,
        "subject": subject,
        "explanation": _explanation(notice),
        "reason": _one_line(operation.error_message, _LONGEST_REASON)
        if notice.event == NoticeEvent.FAILED
        else "",
        "page": f"{base}{page}" if base else "",
        "settings_page": f"{base}{reverse('notice_settings')}" if base else "",
    }
    sender = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    message = EmailMultiAlternatives(
        subject,
        render_to_string("imports_app/notices/mail.txt", context),
        to=[address],
        headers={
            "Message-ID": f"<{notice.public_id}@{sender.rpartition('@')[2]}>",
            "Auto-Submitted": "auto-generated",
        },
    )
    html = render_to_string("imports_app/notices/mail.html", context)
    message.attach_alternative(html, "text/html")
    return message


def _one_line(text: str, longest: int = _LONGEST_NAME) -> str:
    """Return the beginning of a text without characters that headers forbid."""
    clean = "".join(
        " " if unicodedata.category(sign) in _UNSAFE else sign for sign in text
    )
    clean = " ".join(clean.split())
    return f"{clean[:longest]}…" if len(clean) > longest else clean


def _refused(status: int, *, is_final: bool) -> Result:
    """Return the result of an error of the mail server.

    After a permanent rejection of an address or a message, the notice is not sent
    again. After a wrong password or sender it is, because the administrator may correct
    the settings.
    """
    state = _State.FAILED if is_final else _State.PENDING
    return Result(state, status, f"The mail server answered with status {status}.")
