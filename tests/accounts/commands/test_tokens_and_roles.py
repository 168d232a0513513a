from __future__ import annotations

import getpass
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import ActivityEntry, AuthToken, User
from tests.conftest import ApiClient
from tests.factories import AuthTokenFactory


def run(*arguments: Any) -> str:
    """Return what the command prints."""
    out = StringIO()
    call_command(*arguments, stdout=out, stderr=StringIO())
    return out.getvalue()


def test_prints_usable_headers(importer_user: User) -> None:
    printed = run("create_token", "IVAN", "--name", "ci", "--expires", "90d")

    headers = dict(line.split(": ") for line in printed.splitlines())
    assert list(headers) == ["X-User-Id", "X-Auth-Token"]
    answer = ApiClient().get("getLatestImportOperations", headers=headers)
    assert answer.status_code == 200
    expires_at = AuthToken.objects.get().expires_at
    assert expires_at is not None
    assert timedelta(days=89) < expires_at - timezone.now() < timedelta(days=91)


@pytest.mark.parametrize("expires", ["90", "0d", "90y", "999999999d"])
def test_rejects_an_invalid_lifetime(importer_user: User, expires: str) -> None:
    with pytest.raises(CommandError, match=r"lifetime|100 years"):
        run("create_token", "ivan", "--name", "x", "--expires", expires)


def test_refuses_a_second_token_of_the_same_name(importer_user: User) -> None:
    run("create_token", "ivan", "--name", "ci")

    with pytest.raises(CommandError, match="A token with this name already exists"):
        run("create_token", "ivan", "--name", "ci")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("create_token", "iwan", "--name", "x"), "Did you mean ivan?"),
        (("list_tokens", "zzz"), "There is no user named 'zzz'.$"),
        (("revoke_token", "ivan", "--name", "cii"), "Did you mean ci?"),
        (("revoke_token", "ivan", "--ends-with", "zzzzzz"), "ivan has no token ending"),
        (("revoke_token", "ivan"), "--name --ends-with is required"),
        (("grant_role", "ivan", "admn"), "Did you mean admin?"),
        (("grant_role", "ivan", "owner"), "applies to single rooms only"),
        (("grant_role", "ivan", "importer"), "User already in role"),
        (("revoke_role", "ivan", "admin"), "User is not in this role"),
    ],
)
def test_reports_errors_in_one_sentence(
    importer_user: User, admin_user: User, arguments: tuple[str, ...], message: str
) -> None:
    AuthTokenFactory.create(user=importer_user, name="ci")

    with pytest.raises(CommandError, match=message):
        run(*arguments)


def test_lists_tokens_without_their_values(importer_user: User) -> None:
    AuthTokenFactory.create(user=importer_user, name="ci", plain="p" * 37 + "ending")
    AuthTokenFactory.create(
        user=importer_user, name="old", expires_at=timezone.now() - timedelta(days=1)
    )

    listed = run("list_tokens", "ivan")

    assert "…ending" in listed
    assert "expired" in listed
    assert "pppp" not in listed


def test_lists_unusual_names_on_one_line_each(importer_user: User) -> None:
    name = "[bold]ci[/] :smile: " + "of the very long name " * 5
    AuthTokenFactory.create(user=importer_user, name=name.strip())

    assert name.strip() in run("list_tokens")


def test_reports_an_empty_list(db: None) -> None:
    assert run("list_tokens") == "There are no tokens.\n"


def test_createsuperuser_creates_the_first_admin(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "a good s3cret")

    run("createsuperuser", "--no-input", "--username", "root")

    root = User.objects.get_by_natural_key("ROOT")
    assert root.check_password("a good s3cret")
    assert root.is_staff
    assert root.has_perm("access-permissions")


def test_revokes_a_token(importer_api: ApiClient) -> None:
    name = AuthToken.objects.get().name

    assert run("revoke_token", "ivan", "--name", name).startswith("Revoked")
    assert importer_api.get("getLatestImportOperations").status_code == 401


def test_revokes_a_login_by_its_last_characters(importer_user: User) -> None:
    login = AuthToken.Kind.LOGIN
    for plain in ("p" * 37 + "-first", "p" * 37 + "second"):
        AuthTokenFactory.create(user=importer_user, name="", kind=login, plain=plain)

    run("revoke_token", "ivan", "--ends-with=-first")

    assert AuthToken.objects.get().last_part == "second"


def test_revokes_no_token_if_the_last_characters_are_ambiguous(
    importer_user: User,
) -> None:
    for plain in ("a" * 37 + "ending", "b" * 37 + "ending"):
        AuthTokenFactory.create(user=importer_user, plain=plain)

    with pytest.raises(CommandError, match="more than one token"):
        run("revoke_token", "ivan", "--ends-with", "ending")
    assert AuthToken.objects.count() == 2


def test_grants_and_revokes_a_role_immediately(plain_api: ApiClient) -> None:
    run("grant_role", "paula", "ADMIN")
    assert plain_api.get("getLatestImportOperations").status_code == 200

    with pytest.raises(CommandError, match="at least one admin"):
        run("revoke_role", "paula", "admin")
    run("revoke_role", "paula", "user")


def test_prunes_expired_tokens_only(importer_user: User) -> None:
    now = timezone.now()
    AuthTokenFactory.create(user=importer_user, expires_at=now)
    AuthTokenFactory.create(user=importer_user, expires_at=now + timedelta(days=1))
    AuthTokenFactory.create(user=importer_user)

    assert run("prune_tokens") == "Expired tokens deleted: 1.\n"
    assert AuthToken.objects.count() == 2


def test_changes_from_the_shell_are_logged(importer_user: User) -> None:
    run("grant_role", "ivan", "bot")
    run("create_token", "ivan", "--name", "ci")
    run("revoke_token", "ivan", "--name", "ci")

    authors = ActivityEntry.objects.values_list("author_name", "address")
    assert list(authors) == [(f"command line ({getpass.getuser()})", "")] * 3
