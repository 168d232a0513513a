"""Users with their e-mail addresses and import IDs."""

from __future__ import annotations

import hashlib
import secrets
from functools import cache
from typing import Any

from django.conf import settings
from django.contrib import auth
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.hashers import (
    UNUSABLE_PASSWORD_PREFIX,
    check_password,
    make_password,
)
from django.db import models, transaction
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.address_field import AddressField
from accounts.models.roles import Role
from accounts.permission_names import ADMIN_PERMISSIONS
from accounts.querysets import UserQuerySet
from config.db.ids import PUBLIC_ID_LENGTH, new_public_id


def password_digest(plain: str) -> str:
    """Return the SHA-256 of a password in lower-case hex, as clients may send it."""
    return hashlib.sha256(plain.encode()).hexdigest()


@cache
def _load_backends(paths: tuple[str, ...]) -> tuple[Any, ...]:
    """Return an instance of each backend that supports permissions."""
    backends = map(auth.load_backend, paths)
    return tuple(backend for backend in backends if hasattr(backend, "has_perm"))


class UserManager(BaseUserManager["User"].from_queryset(UserQuerySet)):  # type: ignore[misc] # made at run time
    """Manager with the methods that Django's own commands need."""

    def get_by_natural_key(self, username: str | None) -> User:
        """Return the user with this name, ignoring case.

        Raises:
            User.DoesNotExist: No user has this name.
        """
        user: User = self.named(username or "").get()
        return user

    @transaction.atomic
    def create_superuser(self, username: str, password: str | None = None) -> User:
        """Create a user with the role admin, for `manage.py createsuperuser`."""
        user: User = self.model(username=username)
        user.set_password(password)
        user.save()
        user.roles.add(Role.objects.get(public_id="admin"))
        return user


class User(AbstractBaseUser):
    """A user of the server, or one that an import created.

    Permissions come from roles only. Django's groups and model permissions are not
    used.
    """

    class Kind(models.TextChoices):
        """The kind of user (`type` in the API)."""

        USER = "user", _("user")
        BOT = "bot", _("bot")

    public_id = models.CharField(
        _("user ID"), max_length=PUBLIC_ID_LENGTH, unique=True, default=new_public_id
    )
    username = models.CharField(_("username"), max_length=255, null=True, blank=True)
    """NULL until one is set. A user without a username can't use the API."""
    name = models.CharField(_("name"), max_length=255, blank=True)
    kind = models.CharField(_("kind"), max_length=4, choices=Kind, default=Kind.USER)
    is_active = models.BooleanField(_("active"), default=True)
    roles = models.ManyToManyField(
        Role, related_name="users", blank=True, verbose_name=_("roles")
    )
    bio = models.TextField(_("bio"), blank=True)
    nickname = models.CharField(_("nickname"), max_length=255, blank=True)
    status_text = models.CharField(_("status text"), max_length=255, blank=True)
    utc_offset = models.FloatField(_("UTC offset"), default=0)
    """Hours."""
    custom_fields = models.JSONField(_("custom fields"), null=True, editable=False)
    """Further properties by name, as an API client sent them."""
    pending_avatar_url = models.TextField(blank=True)
    """Download URL of the avatar. May contain a secret, so it is never shown."""
    avatar_name = models.CharField(max_length=255, blank=True)
    """File name in the storage; empty if there is no avatar."""
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    updated_at = models.DateTimeField(_("updated"), default=timezone.now)

    objects = UserManager()

    USERNAME_FIELD = "username"

    class Meta:
        default_permissions = ()
        ordering = ("username",)
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = (
            models.UniqueConstraint(
                Lower("username"),
                name="user_username_unique",
                violation_error_message=_("A user with this name already exists."),
            ),
            models.CheckConstraint(
                condition=~models.Q(username=""), name="user_username_not_empty"
            ),
        )
        indexes = (
            models.Index(Lower("name"), name="user_name_lower"),
            models.Index(
                fields=("id",),
                name="user_avatar_wanted",
                condition=~models.Q(pending_avatar_url=""),
            ),
        )

    def __str__(self) -> str:
        return self.username or self.public_id

    def set_password(self, raw_password: str | None) -> None:
        """Store a hash of the password's SHA-256. `None` makes it unusable."""
        if raw_password is None:
            self.set_unusable_password()
        else:
            super().set_password(password_digest(raw_password))

    def set_unusable_password(self) -> None:
        """Make the password unusable.

        Like Django's method, but with faster random characters, because imports create
        many users.
        """
        self.password = UNUSABLE_PASSWORD_PREFIX + secrets.token_urlsafe(30)

    def check_password(self, raw_password: str | None) -> bool:
        """Return whether this is the user's password."""
        return raw_password is not None and self.check_password_digest(
            password_digest(raw_password)
        )

    def check_password_digest(self, digest: str) -> bool:
        """Return whether this is the SHA-256 of the password in lower-case hex."""

        def renew(digest: str) -> None:
            """Hash the digest again with the current hasher."""
            self.password = make_password(digest)
            self.save(update_fields=["password"])

        return check_password(digest, self.password, renew)

    def has_perm(self, perm: str, obj: models.Model | None = None) -> bool:
        """Return whether one of the user's roles has the permission."""
        backends = _load_backends(tuple(settings.AUTHENTICATION_BACKENDS))
        return any(backend.has_perm(self, perm, obj) for backend in backends)

    def has_module_perms(self, app_label: str) -> bool:
        """Return whether the admin may list the app; each model checks further."""
        return self.is_staff

    @property
    def is_staff(self) -> bool:
        """Whether the user may enter the admin."""
        return self.is_active and any(map(self.has_perm, ADMIN_PERMISSIONS))


class EmailAddress(models.Model):
    """An e-mail address of a user. The API lists the oldest first."""

    user = models.ForeignKey(User, models.CASCADE, related_name="emails")
    address = AddressField(_("address"), max_length=254)
    verified = models.BooleanField(_("verified"), default=False)

    class Meta:
        default_permissions = ()
        ordering = ("id",)
        verbose_name = _("e-mail address")
        verbose_name_plural = _("e-mail addresses")
        constraints = (
            models.UniqueConstraint(
                Lower("address"),
                name="email_address_unique",
                violation_error_message=_("This address belongs to another user."),
            ),
        )

    def __str__(self) -> str:
        return self.address


class ImportId(models.Model):
    """A user's ID in an import source."""

    user = models.ForeignKey(User, models.CASCADE, related_name="import_ids")
    value = models.CharField(_("ID in the source"), max_length=255, db_index=True)
    by_username = models.BooleanField(default=False, db_default=False, editable=False)
    """Whether the ID was matched by username only, which doesn't prove the source."""

    class Meta:
        default_permissions = ()
        ordering = ("id",)
        verbose_name = _("import ID")
        verbose_name_plural = _("import IDs")
        constraints = (
            models.UniqueConstraint("user", "value", name="import_id_unique_per_user"),
        )

    def __str__(self) -> str:
        return self.value
