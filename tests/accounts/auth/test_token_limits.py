"""Lifetime and network limits of tokens."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.auth.networks import is_within, read_networks
from accounts.errors import InvalidNetworksError, TokenLifetimeError
from accounts.models import AuthToken, User
from accounts.services.activity import COMMAND_LINE
from accounts.services.tokens import issue_token, prune_tokens, regenerate_token
from config.settings import _days
from tests.conftest import ApiClient

UNAUTHORIZED = {"success": False, "error": "unauthorized"}


def status_of(api: ApiClient, **extra: Any) -> tuple[int, Any]:
    """Call me, and return status and body."""
    response = api.request("GET", "me", **extra)
    body = response.json()
    return response.status_code, None if response.status_code == 200 else body


def ago(days: float) -> Any:
    return timezone.now() - timedelta(days=days)


@pytest.mark.parametrize(
    ("kind", "age", "status"),
    [("personal", 29, 200), ("personal", 31, 401), ("login", 31, 200)],
)
def test_personal_tokens_expire_after_the_maximum(
    plain_api: ApiClient, settings: Settings, kind: str, age: int, status: int
) -> None:
    settings.TOKEN_MAX_DAYS = 30
    AuthToken.objects.update(created_at=ago(age), kind=kind)

    assert status_of(plain_api)[0] == status
    token = AuthToken.objects.get()
    assert token.has_expired is (status == 401)
    assert AuthToken.objects.usable().exists() is (status == 200)


@pytest.mark.parametrize(
    ("created", "used", "status"),
    [(40, 9, 200), (40, 11, 401), (11, None, 401), (9, None, 200)],
)
def test_unused_tokens_expire(
    plain_api: ApiClient,
    settings: Settings,
    created: int,
    used: int | None,
    status: int,
) -> None:
    settings.TOKEN_UNUSED_DAYS = 10
    AuthToken.objects.update(
        created_at=ago(created), last_used_at=None if used is None else ago(used)
    )
    resumed = ApiClient().post("login", {"resume": plain_api.token})

    assert resumed.status_code == status
    assert AuthToken.objects.get().has_expired is (status == 401)
    assert status_of(plain_api)[0] == status
    assert prune_tokens() == (status == 401)


def test_new_tokens_get_the_maximum(plain_user: User, settings: Settings) -> None:
    settings.TOKEN_MAX_DAYS = 30
    issued = issue_token(user=plain_user, name="laptop", by=COMMAND_LINE)

    assert issued.token.expires_at == issued.token.created_at + timedelta(days=30)
    with pytest.raises(TokenLifetimeError, match="30 days"):
        issue_token(user=plain_user, name="x", expires_at=ago(-31), by=COMMAND_LINE)


def test_a_renewed_token_gets_the_maximum(plain_user: User, settings: Settings) -> None:
    issue_token(user=plain_user, name="laptop", by=COMMAND_LINE)
    settings.TOKEN_MAX_DAYS = 30

    renewed = regenerate_token(user=plain_user, name="laptop", by=COMMAND_LINE).token

    assert renewed.expires_at == renewed.created_at + timedelta(days=30)


@pytest.mark.parametrize("days", [-1, 36_501])
def test_settings_refuse_absurd_days(days: int) -> None:
    with pytest.raises(ImproperlyConfigured, match="Use 0"):
        _days(days)


@pytest.mark.parametrize(
    ("address", "is_let_in"),
    [
        ("192.0.2.77", True),
        ("::ffff:192.0.2.77", True),
        ("2001:db8::1", True),
        ("203.0.113.9", True),
        ("192.0.3.1", False),
        ("2001:db9::1", False),
        ("", False),
        ("unix:", False),
    ],
)
def test_a_restricted_token_works_from_its_networks(
    plain_api: ApiClient, address: str, is_let_in: bool
) -> None:
    AuthToken.objects.update(
        networks=read_networks("192.0.2.0/24 2001:db8::/32, 203.0.113.9")
    )

    status, body = status_of(plain_api, REMOTE_ADDR=address)
    resumed = Client().post(
        "/api/v1/login",
        {"resume": plain_api.token},
        content_type="application/json",
        REMOTE_ADDR=address,
    )

    assert (status, body) == ((200, None) if is_let_in else (401, UNAUTHORIZED))
    assert resumed.status_code == status


def test_reads_networks() -> None:
    assert read_networks(" 10.0.0.0/8,10.0.0.0/8\n::1 ") == "10.0.0.0/8,::1/128"
    assert read_networks("::ffff:192.0.2.0/120") == "192.0.2.0/24"
    assert read_networks("") == ""
    assert is_within("10.1.2.3", "10.0.0.0/8")


@pytest.mark.parametrize("text", ["10.0.0.1/8", "example.org", "1.2.3.4/33", "1 " * 51])
def test_refuses_other_networks(text: str) -> None:
    with pytest.raises(InvalidNetworksError):
        read_networks(text)


def test_create_token_takes_networks(plain_user: User) -> None:
    networks = ("--network", "192.0.2.0/24", "--network", "::1")

    call_command(
        "create_token", "paula", "--name", "ci", *networks,
        stdout=StringIO(), stderr=StringIO(),
    )  # fmt: skip

    assert AuthToken.objects.get().networks == "192.0.2.0/24,::1/128"
    with pytest.raises(CommandError, match="not a network"):
        call_command("create_token", "paula", "--name", "x", "--network", "x")


def test_the_admin_takes_networks(admin_browser: Client, plain_user: User) -> None:
    page = "/admin/accounts/authtoken/add/"
    fields = {"user": plain_user.pk, "name": "ci"}

    refused = admin_browser.post(page, {**fields, "networks": "x"})
    admin_browser.post(page, {**fields, "networks": "192.0.2.0/24"})

    assert "is not a network" in refused.content.decode()
    assert AuthToken.objects.get().networks == "192.0.2.0/24"
