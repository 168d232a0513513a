"""Changes of users, roles and tokens, and the ways in."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import FailedLogin
from tests.conftest import PASSWORD
from tests.imports_app.api.importing import imported, packed
from tests.security.logged.cases import Action, produces
from tests.security.logged.world import (
    API,
    API_ADDRESS,
    BROWSER,
    BROWSER_ADDRESS,
    IMPORT,
    NEW_PASSWORD,
    OPERATOR,
    WRONG_PASSWORD,
    World,
)
from tests.working import work


def _page(name: str, *arguments: Any) -> str:
    return reverse(f"admin:accounts_{name}", args=arguments)


def _log_in_by_browser(password: str) -> Client:
    browser = Client(REMOTE_ADDR=BROWSER_ADDRESS)
    form = {"username": "paula", "password": password}
    browser.post(reverse("admin:login"), form)
    return browser


def _log_in_by_api(world: World, password: str) -> Any:
    body = {"user": "paula", "password": password}
    answer = type(world.api)().post("login", body)
    world.hide(answer.content.decode())
    return answer


@produces(Action.CREATED, BROWSER, "role", "made", details=("'scope': 'Users'",))
def create_a_role_by_browser(world: World) -> None:
    form = {"name": "made", "scope": "Users", "permission_names": []}
    world.browser.post(_page("role_add"), form)


@produces(Action.CREATED, API, "role", "made", details=("'scope': 'Users'",))
def create_a_role_by_api(world: World) -> None:
    world.api.post("roles.create", {"name": "made"})


@produces(
    Action.CREATED,
    IMPORT,
    "user",
    "newcomer",
    details=("'roles': ['extra'", "'sent by'", "'import'"),
)
def import_a_user_with_a_role(world: World) -> None:
    pushed = {
        "username": "newcomer",
        "emails": ["newcomer@example.org"],
        "importIds": ["I1"],
        "roles": [world.extra.public_id],
        "password": NEW_PASSWORD,
    }
    world.importer.post("import.new")
    world.importer.post("import.addUsers", {"users": [pushed]})
    world.importer.post("import.run")
    work()


@produces(Action.CREATED, OPERATOR, "token", "paula: new", details=("'personal'",))
def create_a_token_by_command(world: World) -> None:
    world.command("create_token", "paula", "--name", "new")


@produces(Action.CHANGED, BROWSER, "role", "renamed", details=("'view-stat",))
def change_a_role_by_browser(world: World) -> None:
    form = {"name": "renamed", "scope": "Users", "permission_names": []}
    world.browser.post(_page("role_change", world.extra.pk), form)


@produces(Action.CHANGED, API, "user", "paula", details=("['bot', 'user']",))
def give_a_role_by_api(world: World) -> None:
    world.api.post("roles.addUserToRole", {"roleId": "bot", "username": "paula"})


@produces(Action.CHANGED, API, "permission", "run-import", details=("'bot'",))
def add_a_permission_to_a_role_by_api(world: World) -> None:
    body = {"permissionId": "run-import", "role": "bot"}
    world.api.post("permissions.addRole", body)


@produces(Action.CHANGED, API, "permission", "mention-all", details=("'moderator'",))
def remove_a_permission_without_effect_by_api(world: World) -> None:
    body = {"permissionId": "mention-all", "role": "user"}
    world.api.post("permissions.removeRole", body)


@produces(
    Action.CHANGED, IMPORT, "user", "paula", details=("'added import IDs'", "'import'")
)
def import_an_existing_user(world: World) -> None:
    users = "paula,paula@example.org,Paula Lee\n"
    imported(world.importer, packed({"users.csv": users}))


@produces(Action.CHANGED, OPERATOR, "user", "paula", details=("['bot', 'user']",))
def give_a_role_by_command(world: World) -> None:
    world.command("grant_role", "paula", "bot")


@produces(Action.DELETED, BROWSER, "token", "paula: old", details=("'ends with'",))
def revoke_a_token_by_browser(world: World) -> None:
    token = world.paula.tokens.get()
    world.browser.post(_page("authtoken_delete", token.pk), {"post": "yes"})


@produces(Action.DELETED, API, "role", "extra", details=("'name': 'extra'",))
def delete_a_role_by_api(world: World) -> None:
    world.api.post("roles.delete", {"roleId": world.extra.public_id})


@produces(Action.DELETED, OPERATOR, "token", "paula: old", details=("'ends with'",))
def revoke_a_token_by_command(world: World) -> None:
    world.command("revoke_token", "paula", "--name", "old")


@produces(
    Action.LOGGED_IN,
    BROWSER,
    "user",
    "paula",
    author="paula",
    details=("'through': 'admin'",),
)
def log_in_by_browser(world: World) -> None:
    _log_in_by_browser(PASSWORD)


@produces(
    Action.LOGGED_IN,
    API,
    "user",
    "paula",
    author="paula",
    details=("'through': 'API'",),
)
def log_in_by_api(world: World) -> None:
    _log_in_by_api(world, PASSWORD)


@produces(
    Action.LOGIN_FAILED,
    BROWSER,
    "user",
    "paula",
    author="",
    details=("'through': 'admin'", "'wrong': 'password'"),
)
def fail_to_log_in_by_browser(world: World) -> None:
    _log_in_by_browser(WRONG_PASSWORD)


@produces(
    Action.LOGIN_FAILED,
    API,
    "user",
    "paula",
    author="",
    details=("'through': 'API'", "'wrong': 'password'"),
)
def fail_to_log_in_by_api(world: World) -> None:
    _log_in_by_api(world, WRONG_PASSWORD)


@produces(
    Action.LOCKED_OUT,
    BROWSER,
    "user",
    "paula",
    author="",
    details=("'through': 'admin'",),
)
def be_locked_out_by_browser(world: World) -> None:
    for _ in range(settings.AXES_FAILURE_LIMIT):
        _log_in_by_browser(WRONG_PASSWORD)


@produces(
    Action.LOCKED_OUT, API, "user", "paula", author="", details=("'through': 'API'",)
)
def be_locked_out_by_api(world: World) -> None:
    for _ in range(settings.AXES_FAILURE_LIMIT):
        _log_in_by_api(world, WRONG_PASSWORD)


def _lock(world: World) -> FailedLogin:
    lockout: FailedLogin = FailedLogin.objects.create(
        username="paula",
        ip_address=API_ADDRESS,
        failures_since_start=99,
        attempt_time=timezone.now(),
    )
    return lockout


@produces(Action.UNLOCKED, BROWSER, "user", "paula")
def unlock_by_browser(world: World) -> None:
    form = {"action": "unlock", "_selected_action": _lock(world).pk}
    world.browser.post(_page("failedlogin_changelist"), form)


@produces(Action.UNLOCKED, OPERATOR, "user", "paula")
def unlock_by_command(world: World) -> None:
    _lock(world)
    world.command("unlock", "paula")


@produces(Action.LOGGED_OUT, BROWSER, "user", "ada", details=("'through': 'admin'",))
def log_out_by_browser(world: World) -> None:
    world.secrets.add(world.browser.cookies["sessionid"].value)
    world.browser.post(reverse("admin:logout"))


@produces(Action.LOGGED_OUT, API, "user", "tom", details=("'through': 'API'",))
def log_out_by_api(world: World) -> None:
    world.api.post("logout")


@produces(Action.PASSWORD_CHANGED, BROWSER, "user", "paula")
def set_a_password_by_browser(world: World) -> None:
    page = reverse("admin:auth_user_password_change", args=[world.paula.pk])
    form = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    world.browser.post(page, form)


@produces(Action.PASSWORD_CHANGED, OPERATOR, "user", "paula")
def set_a_password_by_command(world: World) -> None:
    world.command("changepassword", "paula")
