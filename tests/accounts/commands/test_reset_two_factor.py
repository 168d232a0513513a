"""manage.py reset_two_factor."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from accounts.models import AuthToken, TwoFactorDevice, User
from tests.factories import AuthTokenFactory, TwoFactorDeviceFactory


def test_removes_the_second_factor_and_ends_logins(
    plain_user: User, capsys: pytest.CaptureFixture[str]
) -> None:
    TwoFactorDeviceFactory.create(user=plain_user)
    AuthTokenFactory.create(user=plain_user, kind="login")
    AuthTokenFactory.create(user=plain_user, name="laptop")

    call_command("reset_two_factor", "Paula")

    assert capsys.readouterr().out == "Removed the second factor of paula.\n"
    assert not TwoFactorDevice.objects.exists()
    assert [token.name for token in AuthToken.objects.all()] == ["laptop"]


def test_reports_a_missing_second_factor(plain_user: User) -> None:
    with pytest.raises(CommandError, match="not enabled"):
        call_command("reset_two_factor", "paula")
