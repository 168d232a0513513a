"""Every call of the API that changes rights, tried on everybody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from accounts.models import AuthToken, Permission, Role, User
from tests.conftest import ApiClient
from tests.security.rights.cast import KNOWN, Cast


def acts_by_api(api: ApiClient, cast: Cast) -> Iterator[Any]:
    """Yield the answer of every call."""
    yield api.post("roles.create", {"name": "mine"})
    for role in [role.public_id for role in Role.objects.all()]:
        for user in (cast.attacker, cast.plain):
            for key in ("roleId", "roleName"):
                grant = {key: role, "username": user.username}
                yield api.post("roles.addUserToRole", grant)
        yield api.post(
            "users.create",
            {
                "username": f"made-{User.objects.count()}",
                "name": "Made",
                "email": f"made{User.objects.count()}@example.org",
                "password": KNOWN,
                "roles": [role],
            },
        )
        yield api.post("roles.update", {"roleId": role, "mandatory2fa": False})
    for user in cast.stronger:
        for held in user.roles.all():
            revocation = {"roleId": held.public_id, "username": user.username}
            yield api.post("roles.removeUserFromRole", revocation)
        yield api.post("users.delete", {"username": user.username})
    for permission in Permission.objects.all():
        holders = {role.public_id for role in permission.roles.all()}
        for role in (cast.own.public_id, "user"):
            lists = [{"_id": permission.name, "roles": [*holders | {role}]}]
            yield api.post("permissions.update", {"permissions": lists})
        addition = {"permissionId": permission.name, "role": cast.own.public_id}
        yield api.post("permissions.addRole", addition)
        removal = {"permissionId": permission.name, "role": "strong"}
        yield api.post("permissions.removeRole", removal)
    yield api.post("roles.delete", {"roleId": "strong"})
    yield from _acts_on_tokens(api, cast)


def _acts_on_tokens(api: ApiClient, cast: Cast) -> Iterator[Any]:
    """Yield the answer of calls on own tokens, and on those of others."""
    yield api.post("users.generatePersonalAccessToken", {"tokenName": "own"})
    yield api.post("users.regeneratePersonalAccessToken", {"tokenName": "own"})
    for token in AuthToken.objects.filter(user__in=cast.stronger):
        owner = {"userId": token.user.public_id, "username": token.user.username}
        for act in ("regenerate", "remove"):
            body = {"tokenName": token.name, **owner}
            yield api.post(f"users.{act}PersonalAccessToken", body)
    # The own token under the name of somebody else.
    as_admin = ApiClient(cast.admin, api.token)
    yield as_admin.post("users.generatePersonalAccessToken", {"tokenName": "theirs"})
    yield as_admin.post("logout")
