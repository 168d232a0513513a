from __future__ import annotations

import itertools
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from accounts.models import AuthToken, User
from imports_app.demo import PERSONA_PASSWORD, SEED_TOKEN
from imports_app.models import ImportOperation, OperationEvent
from imports_app.statuses import MOVES, Status
from tests.factories import UserFactory


def seed(**options: Any) -> str:
    """Return the output of the command."""
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


def test_creates_three_users_who_can_log_in(db: None) -> None:
    seed()

    may_run = {
        name: User.objects.get(username=name).has_perm("run-import")
        for name in ("admin", "importer", "plain")
    }
    assert may_run == {"admin": True, "importer": True, "plain": False}
    assert User.objects.get(username="plain").check_password(PERSONA_PASSWORD)
    assert not User.objects.get(username="seed").has_usable_password()


def test_if_empty_keeps_a_server_with_users(db: None) -> None:
    UserFactory.create()

    assert seed(if_empty=True) == ""
    assert not ImportOperation.objects.exists()


def test_rejects_a_public_server(db: None, settings: Settings) -> None:
    settings.BIND_IS_LOOPBACK = False

    with pytest.raises(CommandError, match="The demo token is public"):
        seed()
    assert not User.objects.exists()

    seed(allow_public=True)
    assert User.objects.exists()


def test_timelines_contain_allowed_transitions(db: None) -> None:
    seed()

    for operation in ImportOperation.objects.all():
        *moves, end = operation.events.in_order()
        assert (moves[0].from_status, moves[0].to_status) == ("", Status.NEW)
        for before, after in itertools.pairwise(moves):
            assert after.from_status == before.to_status
            assert after.to_status in MOVES[Status(before.to_status)]
            assert after.created_at > before.created_at
        assert end.created_at == operation.updated_at > moves[-1].created_at
        assert (end.to_status, end.is_valid) == (operation.status, False)


def test_keeps_a_user_with_the_same_username(db: None) -> None:
    UserFactory.create(username="Seed")

    with pytest.raises(CommandError, match="The demo needs the username seed"):
        seed()
    assert User.objects.count() == 1
