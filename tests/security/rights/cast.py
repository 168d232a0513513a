"""An attacker with few permissions, people with more, and what they have to lose."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final

from django.test import Client
from django.utils import timezone

from accounts.models import (
    AuthToken,
    FailedLogin,
    Permission,
    Role,
    Session,
    TwoFactorDevice,
    User,
)
from accounts.models.tokens import token_digest
from accounts.permission_names import PermissionName
from tests.conftest import PASSWORD
from tests.factories import (
    AuthTokenFactory,
    EmailAddressFactory,
    RoleFactory,
    TwoFactorDeviceFactory,
    UserFactory,
)

KNOWN: Final = "a password of the attacker 1!"
OTHERS: Final = [
    name for name in PermissionName if name != PermissionName.ASSIGN_ADMIN_ROLE
]
_TOKEN: Final = re.compile(r"X-Auth-Token: ([\w-]{43})|\"token\":\"([\w-]{43})\"")


@dataclass
class Cast:
    """The attacker with few permissions, and people with more."""

    attacker: User
    own: Role
    strong: Role
    admin: User
    manager: User
    plain: User
    tokens: set[str] = field(default_factory=set)
    """Plain values that the attacker got to see."""

    @property
    def stronger(self) -> list[User]:
        """The people who hold more than the attacker."""
        return [self.admin, self.manager]

    def read(self, answer: Any) -> None:
        """Keep the tokens that an answer shows."""
        text = answer.content.decode() if not answer.streaming else ""
        self.tokens |= {one or other for one, other in _TOKEN.findall(text)}

    def controlled(self) -> list[User]:
        """Return the accounts that the attacker can act as."""
        digests = [token_digest(token) for token in self.tokens]
        by_token = set(
            AuthToken.objects.filter(digest__in=digests).values_list(
                "user_id", flat=True
            )
        )
        return [
            user
            for user in User.objects.all()
            if user.pk == self.attacker.pk
            or user.pk in by_token
            or (user.has_usable_password() and user.check_password(KNOWN))
        ]

    def gained(self, allowed: set[str]) -> set[str]:
        """Return the permissions that the attacker should not have, but has."""
        held = Permission.objects.filter(
            roles__users__in=self.controlled(), roles__scope="Users"
        )
        return set(held.values_list("name", flat=True)) - allowed

    def rights(self) -> tuple[object, ...]:
        """Return all that rights are made of: who holds what, whom one can act as."""
        permitted = Permission.roles.through.objects
        return (
            set(User.roles.through.objects.values_list("user_id", "role_id")),
            set(permitted.values_list("role_id", "permission_id")),
            {user.pk for user in self.controlled()},
        )

    def belongings(self) -> dict[str, Any]:
        """Return what the stronger people have, which weaker ones must not touch."""
        return {
            str(user): {
                "row": User.objects.values("password", "is_active", "username", "name")
                .filter(pk=user.pk)
                .first(),
                "roles": set(user.roles.values_list("public_id", flat=True)),
                "addresses": set(user.emails.values_list("address", flat=True)),
                "import IDs": set(user.import_ids.values_list("value", flat=True)),
                "tokens": set(user.tokens.values_list("pk", "digest")),
                "sessions": set(_sessions_of(user)),
                "second factors": set(
                    TwoFactorDevice.objects.filter(user=user)
                    .exclude(confirmed_at=None)
                    .values_list("pk", flat=True)
                ),
                "lockouts": FailedLogin.objects.filter(username=str(user)).count(),
            }
            for user in self.stronger
        }


def _sessions_of(user: User) -> list[str]:
    rows: Any = Session.objects.filter(user=user)
    return list(rows.values_list("pk", flat=True))


def cast_with(*permissions: str) -> Cast:
    """Return a new cast; the attacker holds these permissions."""
    own = RoleFactory.create(name="own", permissions=permissions)
    strong = RoleFactory.create(name="strong", permissions=OTHERS)
    people = {
        name: UserFactory.create(username=name, roles=[role])
        for name, role in (("boss", "admin"), ("manager", strong), ("paula", "user"))
    }
    for person in people.values():
        person.set_password(PASSWORD)
        person.save()
        AuthTokenFactory.create(user=person, plain=f"token-of-{person.username}")
    for person in (people["boss"], people["manager"]):
        EmailAddressFactory.create(user=person)
        Client().force_login(person)
        TwoFactorDeviceFactory.create(user=person)
        FailedLogin.objects.create(
            username=str(person),
            ip_address="192.0.2.66",
            failures_since_start=99,
            attempt_time=timezone.now(),
        )
    return Cast(
        attacker=UserFactory.create(username="mallory", roles=[own]),
        own=own,
        strong=strong,
        admin=people["boss"],
        manager=people["manager"],
        plain=people["paula"],
    )
