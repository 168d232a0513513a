"""Acts that ask for the password again do nothing without the right one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import AuthToken, Role, TwoFactorDevice, User
from imports_app.models import ImportOperation
from tests.conftest import PASSWORD
from tests.factories import (
    AuthTokenFactory,
    ImportOperationFactory,
    RoleFactory,
    TwoFactorDeviceFactory,
)
from tests.security.conftest import Attacks

PREFIX: Final = "reauthentication"
OTHERS_PASSWORD: Final = "the password of somebody else"
YES: Final = {"post": "yes"}
NEW: Final = dict.fromkeys(("password1", "password2"), "a new password 12!")


def page(name: str, *arguments: Any) -> str:
    return reverse(name, args=arguments)


ACTS: Final[dict[str, Callable[[User, Role], tuple[str, dict[str, Any]]]]] = {
    "delete a user": lambda user, role: (
        page("admin:accounts_user_delete", user.pk),
        YES,
    ),
    "delete users": lambda user, role: (
        page("admin:accounts_user_changelist"),
        {"action": "delete_selected", "_selected_action": user.pk, **YES},
    ),
    "set a password": lambda user, role: (
        page("admin:auth_user_password_change", user.pk),
        NEW,
    ),
    "reset a second factor": lambda user, role: (
        page("admin:accounts_user_reset_two_factor_page", user.pk),
        YES,
    ),
    "add an admin": lambda user, role: (
        page("admin:accounts_user_add"),
        {
            "username": "second",
            "kind": "user",
            "account_roles": Role.objects.get(public_id="admin").pk,
        },
    ),
    "issue a token": lambda user, role: (
        page("admin:accounts_authtoken_add"),
        {"user": user.pk, "name": "issued"},
    ),
    "change a role": lambda user, role: (
        page("admin:accounts_role_change", role.pk),
        {"name": "renamed", "scope": "Users", "permission_names": ["run-import"]},
    ),
    "delete a role": lambda user, role: (
        page("admin:accounts_role_delete", role.pk),
        YES,
    ),
    "delete an import": lambda user, role: (
        page(
            "admin:imports_app_importoperation_delete",
            ImportOperationFactory.create(user=user).pk,
        ),
        YES,
    ),
    "create an own token": lambda user, role: (
        page("account:token_add"),
        {"name": "own"},
    ),
    "renew an own token": lambda user, role: (
        page("account:token_renew", AuthToken.objects.get(user__username="ada").pk),
        {},
    ),
    "set up a second factor": lambda user, role: (
        page("account:two_factor_setup"),
        {"code": "000000"},
    ),
}
ANSWERS: Final[dict[str, dict[str, str]]] = {
    "no answer": {},
    "a mark alone": {f"{PREFIX}-of": "POST"},
    "an empty password": {f"{PREFIX}-of": "POST", f"{PREFIX}-password": ""},
    "a wrong password": {f"{PREFIX}-of": "POST", f"{PREFIX}-password": "wrong"},
    "a mark that reads": {f"{PREFIX}-of": "GET", f"{PREFIX}-password": "wrong"},
    "somebody else's password": {
        f"{PREFIX}-of": "POST",
        f"{PREFIX}-username": "paula",
        f"{PREFIX}-password": OTHERS_PASSWORD,
    },
    "the right one in another field": {
        f"{PREFIX}-of": "POST",
        "password": PASSWORD,
        "old_password": PASSWORD,
    },
}


def state() -> tuple[Any, ...]:
    """Return all that the acts can change."""
    return (
        set(User.objects.values_list("pk", "password")),
        set(User.roles.through.objects.values_list("user_id", "role_id")),
        set(Role.objects.values_list("pk", "name")),
        set(Role.permissions.through.objects.values_list("role_id", "permission_id")),
        set(AuthToken.objects.values_list("pk", "digest")),
        set(TwoFactorDevice.objects.values_list("pk", "confirmed_at")),
        set(ImportOperation.objects.values_list("pk", flat=True)),
    )


@pytest.mark.parametrize("act", ACTS)
def test_nothing_happens_without_the_right_password(
    admin_browser: Client,
    admin_user: User,
    plain_user: User,
    settings: Settings,
    attacks: Attacks,
    act: str,
) -> None:
    settings.REAUTHENTICATION_MINUTES = 0
    plain_user.set_password(OTHERS_PASSWORD)
    plain_user.save()
    AuthTokenFactory.create(user=admin_user)
    AuthTokenFactory.create(user=plain_user)
    TwoFactorDeviceFactory.create(user=plain_user)
    address, form = ACTS[act](plain_user, RoleFactory.create(name="custom"))
    before = state()

    for name, answer in ANSWERS.items():
        page = admin_browser.post(address, {**form, **answer})
        is_asked = f'name="{PREFIX}-of"' in page.content.decode()
        attacks.record(name, got_through=state() != before or not is_asked)
    settings.REAUTHENTICATION_MINUTES = 15
    admin_browser.post(address, form)
    assert state() != before, "the act itself works"
