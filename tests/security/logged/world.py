"""Four actors, each with an address or a name of its own, and what they act on."""

from __future__ import annotations

import getpass
import re
from dataclasses import dataclass, field
from io import StringIO
from typing import Any, Final

from django.core.management import call_command
from django.test import Client

from accounts.models import AuthToken, Role, User
from accounts.models.tokens import token_digest
from tests.conftest import PASSWORD, ApiClient
from tests.factories import AuthTokenFactory, RoleFactory, UserFactory

BROWSER: Final = "an administrator in the browser"
API: Final = "the holder of a token, through the API"
IMPORT: Final = "the run of an import"
OPERATOR: Final = "the operator at the command line"
ACTORS: Final = (BROWSER, API, IMPORT, OPERATOR)

BROWSER_ADDRESS: Final = "192.0.2.1"
API_ADDRESS: Final = "2001:db8::2"
NEW_PASSWORD: Final = "a password that is new 1!"
WRONG_PASSWORD: Final = "a password that is wrong"
_PLAIN_TOKEN: Final = re.compile(
    r"X-Auth-Token: ([\w-]{43})|\"(?:token|authToken)\":\"([\w-]{43})\""
)


@dataclass(frozen=True)
class Caller(ApiClient):
    """An API client with an address of its own."""

    def request(
        self,
        method: str,
        path: str,
        headers: dict[str, str] | None = None,
        **extra: Any,
    ) -> Any:
        """Call from that address."""
        extra["REMOTE_ADDR"] = API_ADDRESS
        return super().request(method, path, headers, **extra)


@dataclass
class World:
    """The actors, and people, roles and tokens to act on."""

    ada: User
    """The administrator."""
    browser: Client
    tom: User
    """The holder of a token, who is an administrator as well."""
    api: Caller
    ivan: User
    """Runs imports, and may give the role extra."""
    importer: Caller
    paula: User
    """Whom others act on."""
    extra: Role
    secrets: set[str] = field(default_factory=set)
    """What no entry may contain."""

    def command(self, *arguments: Any, **options: Any) -> None:
        """Run a command, and keep what it prints from the log."""
        out = StringIO()
        call_command(*arguments, stdout=out, stderr=StringIO(), **options)
        self.hide(out.getvalue())

    def hide(self, text: str) -> None:
        """Count the tokens in a text as secrets."""
        for one, other in _PLAIN_TOKEN.findall(text):
            self.secrets.add(one or other)

    def all_secrets(self) -> set[str]:
        """Return all that is secret now, in every form in which it is stored."""
        keys = {self.browser.cookies["sessionid"].value}
        plain = self.secrets | keys | {self.api.token, self.importer.token}
        plain |= {PASSWORD, NEW_PASSWORD, WRONG_PASSWORD}
        plain.discard("")  # the key of a session that is over
        digests = set(AuthToken.objects.values_list("digest", flat=True))
        hashes = set(User.objects.values_list("password", flat=True))
        return plain | digests | hashes | {token_digest(text) for text in plain}


def new_world() -> World:
    """Return the actors; nothing of their making is in the log."""
    extra = RoleFactory.create(name="extra", permissions=["view-statistics"])
    rights = ["run-import", "view-import-operations", "view-statistics"]
    runner = RoleFactory.create(name="runner", permissions=rights)
    ada, tom, ivan, paula = (
        _person(name, role)
        for name, role in (
            *(("ada", "admin"), ("tom", "admin")),
            *(("ivan", runner), ("paula", "user")),
        )
    )
    browser = Client(REMOTE_ADDR=BROWSER_ADDRESS)
    browser.force_login(ada)
    AuthTokenFactory.create(user=paula, name="old")
    return World(
        ada=ada,
        browser=browser,
        tom=tom,
        api=_caller(tom),
        ivan=ivan,
        importer=_caller(ivan),
        paula=paula,
        extra=extra,
    )


def shell_user() -> str:
    """Return how the log names the operator."""
    return f"command line ({getpass.getuser()})"


def _person(name: str, role: str | Role) -> User:
    user = UserFactory.create(username=name, roles=[role])
    user.set_password(PASSWORD)
    user.save()
    return user


def _caller(user: User) -> Caller:
    plain = f"a-token-of-{user}-that-nobody-may-see"
    AuthTokenFactory.create(user=user, name="script", plain=plain)
    return Caller(user, plain)
