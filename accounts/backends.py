"""Django's authentication backend over roles and their permissions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.contrib.auth.backends import BaseBackend

from accounts.models import Permission, User

if TYPE_CHECKING:
    from django.contrib.auth.models import _AnyUser
    from django.http import HttpRequest

_CACHE = "_permission_names"


def remember_permission_names(user: User, names: frozenset[str]) -> None:
    """Give this instance the permissions it holds, so that asking costs no query."""
    setattr(user, _CACHE, names)


class RolePermissionBackend(BaseBackend):
    """Logs in by username, ignoring case, and answers `has_perm` from roles."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **credentials: Any,
    ) -> User | None:
        """Return the active user with this name and password, or `None`."""
        if not username or password is None:
            return None
        user: User | None = User.objects.named(username).first()
        if user is None:
            # Hash all the same, so that unknown names don't answer faster.
            User().set_password(password)
            return None
        if user.check_password(password) and user.is_active:
            return user
        return None

    def get_user(self, user_id: Any) -> User | None:
        """Return the active user of a session."""
        user: User | None = User.objects.filter(pk=user_id, is_active=True).first()
        return user

    def get_all_permissions(
        self, user_obj: _AnyUser, obj: object | None = None
    ) -> set[str]:
        """Return the names of all permissions; read once for each user instance."""
        if not user_obj.is_active or not user_obj.pk:
            return set()
        names: frozenset[str] | None = getattr(user_obj, _CACHE, None)
        if names is None:
            held = Permission.objects.held_by(user_obj.pk)
            names = frozenset(held.values_list("name", flat=True))
            remember_permission_names(user_obj, names)
        return cast("set[str]", names)
