from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from accounts.models import AuthToken, User
from imports_app.demo import PERSONA_PASSWORD, SEED_TOKEN
from imports_app.models import ImportOperation, OperationEvent
from tests.factories import UserFactory


def seed(**options: Any) -> str:
    """Return what the command prints."""
    out = StringIO()
    call_command("seed_demo", stdout=out, **options)
    return out.getvalue()


def test_running_it_twice_changes_nothing(db: None) -> None:
    seed()
    before = [
        list(model.objects.values()) for model in (User, AuthToken, OperationEvent)
    ]

    printed = seed()

    after = [
        list(model.objects.values()) for model in (User, AuthToken, OperationEvent)
    ]
    assert after == before
    assert ImportOperation.objects.count() == 7
    assert SEED_TOKEN in printed


def test_makes_three_people_who_can_log_in(db: None) -> None:
    seed()

    may_run = {
        name: User.objects.get(username=name).has_perm("run-import")
        for name in ("admin", "importer", "plain")
    }
    assert may_run == {"admin": True, "importer": True, "plain": False}
    assert User.objects.get(username="plain").check_password(PERSONA_PASSWORD)
    assert not User.objects.get(username="seed").has_usable_password()


def test_leaves_a_server_with_users_alone_if_asked(db: None) -> None:
    UserFactory.create()

    assert seed(if_empty=True) == ""
    assert not ImportOperation.objects.exists()


def test_refuses_a_server_that_others_can_reach(db: None, settings: Settings) -> None:
    settings.BIND_IS_LOOPBACK = False

    with pytest.raises(CommandError, match="public knowledge"):
        seed()
    assert not User.objects.exists()

    seed(allow_public=True)
    assert User.objects.exists()
