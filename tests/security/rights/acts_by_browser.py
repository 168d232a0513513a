"""Every page that changes rights, tried on everybody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.test import Client
from django.urls import reverse

from accounts.auth.browser_sessions import reference_of
from accounts.models import AuthToken, FailedLogin, Role, Session, User
from accounts.permission_names import PermissionName
from tests.security.rights.cast import KNOWN, Cast

_USERS, _ROLES, _TOKENS = (
    f"admin:accounts_{model}" for model in ("user", "role", "authtoken")
)
_YES = {"post": "yes"}


def acts_by_browser(browser: Client, cast: Cast) -> Iterator[Any]:
    """Yield the answer of every page."""
    yield from _acts_on_users(browser, cast)
    yield from _acts_on_roles(browser, cast)
    yield from _acts_on_tokens(browser, cast)
    yield from _acts_on_the_own_account(browser, cast)


def _acts_on_users(browser: Client, cast: Cast) -> Iterator[Any]:
    every_role = [role.pk for role in Role.objects.of_accounts()]
    profile = {"kind": "user", "is_active": "on", "utc_offset": "0"}
    profile |= {
        f"{prefix}-{part}": "0"
        for prefix in ("emails", "import_ids", "tokens")
        for part in ("TOTAL_FORMS", "INITIAL_FORMS")
    }
    passwords = {"password1": KNOWN, "password2": KNOWN}
    for user in (cast.attacker, *cast.stronger, cast.plain):
        form = {**profile, "username": user.username, "account_roles": every_role}
        address = {
            "emails-TOTAL_FORMS": "1",
            "emails-0-address": f"mallory-as-{user.username}@example.org",
            "emails-0-user": user.pk,
        }
        page = reverse(f"{_USERS}_change", args=[user.pk])
        yield browser.post(page, form)
        yield browser.post(page, form | address)
        yield browser.post(_password_page(user), passwords)
        token = {"user": user.pk, "name": f"for {user.username}"}
        yield browser.post(reverse(f"{_TOKENS}_add"), token)
        if user != cast.attacker:
            for action in ("deactivate", "log_out"):
                yield _act_on_list(browser, _USERS, action, user.pk)
        if user in cast.stronger:
            yield _act_on_list(browser, _USERS, "activate", user.pk)
            yield _act_on_list(browser, _USERS, "delete_selected", user.pk)
            for name in ("log_out_page", "reset_two_factor_page", "password_page"):
                yield browser.post(reverse(f"{_USERS}_{name}", args=[user.pk]), _YES)
            yield browser.post(reverse(f"{_USERS}_delete", args=[user.pk]), _YES)
            lockout = FailedLogin.objects.filter(username=str(user)).first()
            key = lockout.pk if lockout else 0
            yield _act_on_list(browser, "admin:accounts_failedlogin", "unlock", key)
    yield browser.post(
        reverse(f"{_USERS}_add"),
        {
            "username": f"added-{User.objects.count()}",
            "kind": "user",
            "password": KNOWN,
            "account_roles": every_role,
        },
    )


def _acts_on_roles(browser: Client, cast: Cast) -> Iterator[Any]:
    every_name = list(PermissionName)
    built_in = Role.objects.filter(public_id__in=["admin", "user"])
    for role in (cast.own, cast.strong, *built_in):
        page = reverse(f"{_ROLES}_change", args=[role.pk])
        form = {"name": role.name, "scope": "Users", "permission_names": every_name}
        yield browser.post(page, form)
        for name in PermissionName if role == cast.own else ():
            yield browser.post(page, {**form, "permission_names": [name]})
    yield browser.post(reverse(f"{_ROLES}_delete", args=[cast.strong.pk]), _YES)
    yield _act_on_list(browser, _ROLES, "delete_selected", cast.strong.pk)
    made = {"name": "all", "scope": "Users", "permission_names": every_name}
    yield browser.post(reverse(f"{_ROLES}_add"), made)


def _acts_on_tokens(browser: Client, cast: Cast) -> Iterator[Any]:
    tokens = AuthToken.objects.filter(user__in=[*cast.stronger, cast.plain])
    for token in tokens:
        yield browser.post(reverse(f"{_TOKENS}_delete", args=[token.pk]), _YES)
        yield _act_on_list(browser, _TOKENS, "delete_selected", token.pk)
    for token in tokens.filter(user=cast.admin):
        changed = {"user": cast.attacker.pk, "name": "mine", "expires_at": ""}
        yield browser.post(reverse(f"{_TOKENS}_change", args=[token.pk]), changed)


def _acts_on_the_own_account(browser: Client, cast: Cast) -> Iterator[Any]:
    """Name others in the addresses and fields of the pages of the own account."""
    for user in cast.stronger:
        other = {"user": user.pk, "user_id": user.pk, "username": user.username}
        for token in AuthToken.objects.filter(user=user):
            for name in ("token_renew", "token_end"):
                yield browser.post(reverse(f"account:{name}", args=[token.pk]), other)
        sessions: Any = Session.objects.filter(user=user)
        for session in sessions:
            reference = reference_of(session)
            yield browser.post(reverse("account:session_end", args=[reference]), other)
    other = {"user": cast.admin.pk, "username": cast.admin.username, "code": "000000"}
    own = {**other, "name": f"own {AuthToken.objects.count()}", "bypass_two_factor": 1}
    yield browser.post(reverse("account:token_add"), own)
    for token in AuthToken.objects.filter(user=cast.attacker, name=own["name"]):
        yield browser.post(reverse("account:token_renew", args=[token.pk]), other)
    new = dict.fromkeys(("new_password1", "new_password2"), KNOWN)
    for page in (reverse("account:password"), reverse("admin:password_change")):
        yield browser.post(page, {**other, **new, "old_password": KNOWN[::-1]})
    for name in ("two_factor_setup", "two_factor_codes", "two_factor_disable"):
        yield browser.post(reverse(f"account:{name}"), {**other, "password": KNOWN})
    yield browser.post(reverse("account:verify"), other)
    yield browser.post(reverse("account:sessions_end"), other)
    yield browser.post(reverse("account:overview"), other)


def _password_page(user: User) -> str:
    return reverse("admin:auth_user_password_change", args=[user.pk])


def _act_on_list(browser: Client, admin: str, action: str, key: int) -> Any:
    selected = {"action": action, "_selected_action": [key], **_YES}
    return browser.post(reverse(f"{admin}_changelist"), selected)
