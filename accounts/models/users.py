"""The user, and the addresses and import ids by which a user is found."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import Any

from django.conf import settings
from django.contrib import auth
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.hashers import check_password, make_password
from django.db import models, transaction
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.roles import Role
from accounts.permission_names import ADMIN_PERMISSIONS
from accounts.querysets import UserQuerySet
from config.db.ids import PUBLIC_ID_LENGTH, new_public_id


def password_digest(plain: str) -> str:
    """Return what clients may send in a password's place: its SHA-256 in lower hex."""
    return hashlib.sha256(plain.encode()).hexdigest()


@cache
def _load_backends(paths: tuple[str, ...]) -> tuple[Any, ...]:
    """Return an instance of each backend that knows permissions, made once."""
    backends = map(auth.load_backend, paths)
    return tuple(backend for backend in backends if hasattr(backend, "has_perm"))


class UserManager(BaseUserManager["User"].from_queryset(UserQuerySet)):  # type: ignore[misc] # made at run time
    """Finds and makes users for Django's own commands."""

    def get_by_natural_key(self, username: str | None) -> User:
        """Return the user of this name, ignoring case; raise `User.DoesNotExist`."""
        user: User = self.named(username or "").get()
        return user

    @transaction.atomic
    def create_superuser(self, username: str, password: str | None = None) -> User:
        """Make a user with the role admin, for `manage.py createsuperuser`."""
        user: User = self.model(username=username)
        user.set_password(password)
        user.save()
        user.roles.add(Role.objects.get(public_id="admin"))
        return user


class User(AbstractBaseUser):
    """Somebody who logs in, or an account that an import made.

    What a user may do comes from the roles alone; Django's groups and model
    permissions are not used.
    """

    class Kind(models.TextChoices):
        """What sort of account it is (the wire's `type`)."""

        USER = "user", _("user")
        BOT = "bot", _("bot")

    public_id = models.CharField(
        _("id"), max_length=PUBLIC_ID_LENGTH, unique=True, default=new_public_id
    )
    username = models.CharField(_("username"), max_length=255, null=True, blank=True)
    """NULL until one is chosen; such an account can't use the API."""
    name = models.CharField(_("name"), max_length=255, blank=True)
    kind = models.CharField(_("kind"), max_length=4, choices=Kind, default=Kind.USER)
    is_active = models.BooleanField(_("active"), default=True)
    roles = models.ManyToManyField(
        Role, related_name="users", blank=True, verbose_name=_("roles")
    )
    bio = models.TextField(_("bio"), blank=True)
    nickname = models.CharField(_("nickname"), max_length=255, blank=True)
    status_text = models.CharField(_("status text"), max_length=255, blank=True)
    utc_offset = models.FloatField(_("offset from UTC"), default=0)
    """Hours."""
    pending_avatar_url = models.TextField(blank=True)
    """Where a picture can be fetched from; may carry a secret, so it is never shown."""
    avatar_name = models.CharField(max_length=255, blank=True)
    """The picture's name in the storage; empty if there is none."""
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
                violation_error_message=_("A user of this name exists already."),
            ),
            models.CheckConstraint(
                condition=~models.Q(username=""), name="user_username_not_empty"
            ),
        )
        indexes = (
            models.Index(
                fields=("id",),
                name="user_avatar_wanted",
                condition=~models.Q(pending_avatar_url=""),
            ),
        )

    def __str__(self) -> str:
        return self.username or self.public_id

    def set_password(self, raw_password: str | None) -> None:
        """Store a hash of the password's SHA-256; `None` makes it unusable."""
        super().set_password(
            None if raw_password is None else password_digest(raw_password)
        )

    def check_password(self, raw_password: str | None) -> bool:
        """Tell whether this is the password."""
        return raw_password is not None and self.check_password_digest(
            password_digest(raw_password)
        )

    def check_password_digest(self, digest: str) -> bool:
        """Tell whether this is the lower-hex SHA-256 of the password."""

        def renew(digest: str) -> None:
            """Store the digest as today's hasher does."""
            self.password = make_password(digest)
            self.save(update_fields=["password"])

        return check_password(digest, self.password, renew)

    def has_perm(self, perm: str, obj: models.Model | None = None) -> bool:
        """Tell whether one of the user's roles carries the permission."""
        backends = _load_backends(tuple(settings.AUTHENTICATION_BACKENDS))
        return any(backend.has_perm(self, perm, obj) for backend in backends)

    def has_module_perms(self, app_label: str) -> bool:
        """Tell whether the admin lists the app; its models then decide themselves."""
        return self.is_staff

    @property
    def is_staff(self) -> bool:
        """Whether the user may enter the admin."""
        return self.is_active and any(map(self.has_perm, ADMIN_PERMISSIONS))


class EmailAddress(models.Model):
    """One of a user's e-mail addresses; the oldest is the first on the wire."""

    user = models.ForeignKey(User, models.CASCADE, related_name="emails")
    address = models.EmailField(_("address"), max_length=254)
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
                violation_error_message=_("Somebody has this address already."),
            ),
        )

    def __str__(self) -> str:
        return self.address


class ImportId(models.Model):
    """An id that a source of imports knows the user by."""

    user = models.ForeignKey(User, models.CASCADE, related_name="import_ids")
    value = models.CharField(_("id in the source"), max_length=255, db_index=True)
    by_username = models.BooleanField(default=False, db_default=False, editable=False)
    """Attached because of the same username alone, so it does not prove the source."""

    class Meta:
        default_permissions = ()
        ordering = ("id",)
        verbose_name = _("import id")
        verbose_name_plural = _("import ids")
        constraints = (
            models.UniqueConstraint("user", "value", name="import_id_unique_per_user"),
        )

    def __str__(self) -> str:
        return self.value
