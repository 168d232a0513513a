"""What doctor says about e-mail."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command
from pytest_django import Settings

from tests.receivers import mail_server

SMTP = "django.core.mail.backends.smtp.EmailBackend"


def printed() -> str:
    """Return what doctor prints, whether it finds problems or not."""
    out = StringIO()
    with pytest.raises(SystemExit):  # no worker is running
        call_command("doctor", stdout=out)
    return " ".join(out.getvalue().replace("│", " ").split())


def test_says_that_no_e_mail_is_sent(db: None) -> None:
    assert "off: no e-mail is sent" in printed()


def test_checks_the_mail_server(db: None, settings: Settings) -> None:
    settings.EMAIL_BACKEND, settings.EMAIL_HOST = SMTP, "127.0.0.1"
    settings.BASE_URL = "https://import.example.org"
    with mail_server() as mailbox:
        settings.EMAIL_PORT = mailbox.port
        assert "mail" not in printed().replace("e-mail OK", "")
    assert "ConnectionRefusedError" in printed()


def test_asks_for_the_address_of_links(db: None, settings: Settings) -> None:
    settings.EMAIL_BACKEND, settings.EMAIL_HOST = SMTP, "127.0.0.1"
    with mail_server() as mailbox:
        settings.EMAIL_PORT = mailbox.port
        assert "BASE_URL is not set" in printed()
