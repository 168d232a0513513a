"""Authentication backend with permissions from roles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.hashers import make_password
from django.core.exceptions import PermissionDenied

from accounts.auth.lockouts import find_account, refuse
from accounts.auth.login_limits import account_key, begin_attempt, hash_slot
from accounts.errors import TooManyAttemptsError
from accounts.models import Permission, User
from accounts.models.users import password_digest as digest_of

if TYPE_CHECKING:
    from django.contrib.auth.models import _AnyUser
    from django.http import HttpRequest

_CACHE = "_permission_names"


def _is_right(user: User | None, digest: str) -> bool:
    if user is None:
        # Hash anyway, so that unknown names don't get a faster response.
        make_password(digest)
        return False
    return user.check_password_digest(digest)


def remember_permission_names(user: User, names: frozenset[str]) -> None:
    """Cache the permissions on the user instance to avoid a query."""
    setattr(user, _CACHE, names)


class RolePermissionBackend(BaseBackend):
    """Checks passwords, and answers `has_perm` from the user's roles."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        *,
        email: str | None = None,
        public_id: str | None = None,
        password_digest: str | None = None,
        **credentials: Any,
    ) -> User | None:
        """Return the user with this name and password, or `None`.

        The user may be deactivated. The caller may say so only after a right password.

        Args:
            request: The HTTP request, for other backends.
            username: The name, ignoring case.
            password: The plain password.
            email: One of the user's addresses, instead of the username.
            public_id: The user's ID, instead of the username.
            password_digest: The password's SHA-256, instead of the plain password.
            credentials: Credentials for other backends.
        """
        if password is not None:
            password_digest = digest_of(password)
        if password_digest is None:
            return None
        user = find_account(username=username, email=email, public_id=public_id)
        if request is None:
            return user if _is_right(user, password_digest) else None
        account = account_key(user, username or email or public_id or "")
        try:
            # Callers over a limit must not occupy a hashing slot.
            attempt = begin_attempt(request, account)
            with attempt.undone_on_refusal(), hash_slot():
                is_right = _is_right(user, password_digest)
        except TooManyAttemptsError as error:
            refuse(request, error)
            raise PermissionDenied from error
        if not is_right:
            return None
        attempt.succeed()
        return user

    def get_user(self, user_id: Any) -> User | None:
        """Return the active user of a session."""
        users = User.objects.for_session().filter(pk=user_id, is_active=True)
        user: User | None = users.first()
        return user

    def get_all_permissions(
        self, user_obj: _AnyUser, obj: object | None = None
    ) -> set[str]:
        """Return the names of the user's permissions, cached on the instance."""
        if not user_obj.is_active or not user_obj.pk:
            return set()
        names: frozenset[str] | None = getattr(user_obj, _CACHE, None)
        if names is None:
            held = Permission.objects.held_by(user_obj.pk)
            names = frozenset(held.values_list("name", flat=True))
            remember_permission_names(user_obj, names)
        return cast("set[str]", names)
