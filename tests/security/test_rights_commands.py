"""The operator at the command line may do everything; nobody else gets there."""

from __future__ import annotations

import ast
import getpass
import pkgutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Final

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.auth.rights import rights_of
from accounts.management import commands
from accounts.models import ActivityEntry, FailedLogin, User
from accounts.services.activity import COMMAND_LINE, Author, command_line
from tests.factories import AuthTokenFactory, TwoFactorDeviceFactory, UserFactory
from tests.security.conftest import Attacks

HERE: Final = Path(__file__).parents[2]
PRODUCT: Final = ("accounts", "imports_app", "config")
NEW_PASSWORD: Final = "a password from the shell 1!"


@dataclass(frozen=True)
class Row:
    """A command, and what the activity log has of it."""

    arguments: tuple[str, ...] = ()
    entries: tuple[tuple[str, str, str], ...] = ()
    """Action, subject and name."""


LOGGED: Final = {
    "changepassword": Row(("boss",), (("password_changed", "user", "boss"),)),
    "create_token": Row(
        ("boss", "--name", "new"), (("created", "token", "boss: new"),)
    ),
    "grant_role": Row(("paula", "admin"), (("changed", "user", "paula"),)),
    "reset_two_factor": Row(("boss",), (("changed", "user", "boss"),)),
    "revoke_role": Row(("boss", "admin"), (("changed", "user", "boss"),)),
    "revoke_token": Row(
        ("boss", "--name", "old"), (("deleted", "token", "boss: old"),)
    ),
    "unlock": Row(("boss",), (("unlocked", "user", "boss"),)),
}
CHANGES_NO_RIGHTS: Final = {
    "list_tokens": "Reads.",
    "prune_tokens": "Deletes expired tokens, which are refused in any case.",
    "verify_log": "Reads.",
}


@pytest.fixture
def boss(db: None, monkeypatch: pytest.MonkeyPatch) -> User:
    """An admin with all that a command can change; another admin is left over."""
    monkeypatch.setattr(getpass, "getpass", lambda prompt: NEW_PASSWORD)
    boss: User = UserFactory.create(username="boss", roles=["admin"])
    other = UserFactory.create(username="other", roles=["admin"])
    UserFactory.create(username="paula", roles=["user"])
    AuthTokenFactory.create(user=other)
    AuthTokenFactory.create(user=boss, name="old")
    TwoFactorDeviceFactory.create(user=boss)
    FailedLogin.objects.create(
        username="boss", failures_since_start=99, attempt_time=timezone.now()
    )
    return boss


def test_every_command_of_accounts_is_tried_or_explained() -> None:
    names = {module.name for module in pkgutil.iter_modules(commands.__path__)}

    assert names == LOGGED.keys() | CHANGES_NO_RIGHTS.keys(), (
        "Add a new command to LOGGED with the entries that it has in the activity log,"
        " or to CHANGES_NO_RIGHTS with the reason."
    )


@pytest.mark.parametrize("name", LOGGED)
def test_the_operator_acts_on_an_admin_and_is_named(boss: User, name: str) -> None:
    out = StringIO()

    call_command(name, *LOGGED[name].arguments, stdout=out, stderr=StringIO())

    entries = ActivityEntry.objects.order_by("pk")
    for entry, expected in zip(entries, LOGGED[name].entries, strict=True):
        *kind, subject_name = expected
        assert [entry.action, entry.subject] == kind
        assert entry.name.partition(" …")[0] == subject_name
        author = (entry.author_name, entry.author_public_id, entry.address)
        assert author == (command_line(), "", "")
        assert getpass.getuser() in entry.author_name
    logged = str(list(ActivityEntry.objects.values()))
    assert NEW_PASSWORD not in logged
    for line in out.getvalue().splitlines():
        assert line.removeprefix("X-Auth-Token: ") not in logged


@pytest.mark.parametrize("name", CHANGES_NO_RIGHTS)
def test_other_commands_change_nothing_of_an_admin(boss: User, name: str) -> None:
    tokens = set(boss.tokens.values_list("digest", flat=True))

    call_command(name, stdout=StringIO())

    assert set(boss.tokens.values_list("digest", flat=True)) == tokens
    assert not ActivityEntry.objects.exists()


def test_no_author_of_a_request_is_the_command_line(
    plain_user: User, attacks: Attacks
) -> None:
    plain_user.username = COMMAND_LINE.name
    for name, author in {
        "nobody is logged in": Author(None),
        "an address like the name": Author(None, COMMAND_LINE.name),
        "a user with the name": Author(plain_user),
        "a worker": Author(None, name="worker"),
        "the name with the user of the system": Author(None, name=command_line()),
    }.items():
        names = rights_of(author).names
        attacks.record(name, got_through=names is None or "run-import" in names)


def test_only_commands_speak_for_the_command_line(attacks: Attacks) -> None:
    """Code that a request reaches can't take the operator's rights by mistake."""
    allowed = {
        "accounts/services/activity.py",
        "accounts/auth/rights.py",
        "imports_app/demo.py",  # called by seed_demo
    }
    for path, used in _names_used():
        attacks.record(path, got_through="COMMAND_LINE" in used and path not in allowed)


def test_no_code_that_answers_requests_runs_a_command(attacks: Attacks) -> None:
    runners = {"call_command", "execute_from_command_line", "ManagementUtility"}
    for path, used in _names_used():
        attacks.record(path, got_through=bool(runners & used))


def test_the_web_server_does_not_load_the_commands(attacks: Attacks) -> None:
    """What no address refers to is not even imported for them."""
    code = (
        "import sys, django; django.setup(); import config.urls, config.wsgi;"
        "from django.urls import get_resolver; get_resolver().url_patterns;"
        "print(*[m for m in sys.modules if '.management.commands.' in m])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=HERE,
        env={"DJANGO_SETTINGS_MODULE": "config.settings", "DEBUG": "on"},
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = [
        module for module in done.stdout.split() if module.split(".")[0] in PRODUCT
    ]
    attacks.record(f"loaded: {loaded}", got_through=bool(loaded))


def _names_used() -> Iterator[tuple[str, set[str]]]:
    """Yield every module but the commands, with the names that it mentions."""
    for package in PRODUCT:
        for path in sorted((HERE / package).rglob("*.py")):
            if path.parent.name == "commands":
                continue
            tree = ast.parse(path.read_text())
            used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
            used |= {
                node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)
            }
            used |= {
                alias.name
                for node in ast.walk(tree)
                if isinstance(node, ast.ImportFrom)
                for alias in node.names
            }
            yield str(path.relative_to(HERE)), used
