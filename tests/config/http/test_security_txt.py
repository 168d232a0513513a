from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

PATH = "/.well-known/security.txt"


def test_lists_the_security_contact(client: Client, settings: Settings) -> None:
    contacts = ["mailto:security@example.org", "https://example.org/security"]
    settings.SECURITY_CONTACT = contacts

    answer = client.get(PATH)

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    lines = answer.content.decode().splitlines()
    assert lines[:2] == [f"Contact: {contact}" for contact in contacts]
    expires = datetime.fromisoformat(lines[2].removeprefix("Expires: "))
    ahead = expires - timezone.now()
    assert timedelta(days=80) < ahead < timedelta(days=365)


@pytest.mark.django_db
def test_returns_404_without_a_contact(client: Client) -> None:
    assert client.get(PATH).status_code == 404


def test_can_only_be_read(client: Client, settings: Settings) -> None:
    settings.SECURITY_CONTACT = ["mailto:security@example.org"]

    assert client.post(PATH).status_code == 405
