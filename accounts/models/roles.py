"""Roles and permissions."""

from __future__ import annotations

import secrets

from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.permission_names import PermissionName
from accounts.querysets import (
    DeletedRoleQuerySet,
    PermissionQuerySet,
    RoleQuerySet,
    UnusedPermissionQuerySet,
)


def new_role_id() -> str:
    """Return the ID of a custom role: 24 hexadecimal characters (wire-api.md 6.4)."""
    return secrets.token_hex(12)


class Role(models.Model):
    """A named set of permissions that is granted to users."""

    class Scope(models.TextChoices):
        """Where a role applies: on the whole server or in a single room."""

        USERS = "Users", _("whole server")
        SUBSCRIPTIONS = "Subscriptions", _("single room")

    public_id = models.CharField(max_length=24, unique=True, default=new_role_id)
    """The ID of a built-in role is its name."""
    name = models.CharField(_("name"), max_length=100)
    description = models.CharField(_("description"), max_length=500, blank=True)
    scope = models.CharField(
        _("scope"), max_length=13, choices=Scope, default=Scope.USERS
    )
    protected = models.BooleanField(_("built-in"), default=False)
    """Built-in roles can't be deleted."""
    mandatory_2fa = models.BooleanField(
        _("requires two-factor authentication"), default=False
    )
    updated_at = models.DateTimeField(default=timezone.now)

    objects = RoleQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        ordering = ("name",)
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        constraints = (
            models.UniqueConstraint(
                Lower("name"),
                name="role_name_unique",
                violation_error_message=_("A role with this name already exists."),
            ),
        )

    def __str__(self) -> str:
        return self.name


class DeletedRole(models.Model):
    """A deleted role, for clients that keep a copy of all roles (roles.sync)."""

    public_id = models.CharField(max_length=24)
    name = models.CharField(max_length=100)
    description = models.CharField(max_length=500, blank=True)
    scope = models.CharField(max_length=13)
    mandatory_2fa = models.BooleanField()
    updated_at = models.DateTimeField()
    deleted_at = models.DateTimeField(default=timezone.now, db_index=True)

    objects = DeletedRoleQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        ordering = ("id",)
        verbose_name = _("deleted role")
        verbose_name_plural = _("deleted roles")

    def __str__(self) -> str:
        return self.name


class Permission(models.Model):
    """A permission and the roles that have it."""

    name = models.CharField(
        _("name"), max_length=100, unique=True, choices=PermissionName
    )
    roles = models.ManyToManyField(
        Role, related_name="permissions", blank=True, verbose_name=_("roles")
    )
    updated_at = models.DateTimeField(default=timezone.now)

    objects = PermissionQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        ordering = ("name",)
        verbose_name = _("permission")
        verbose_name_plural = _("permissions")

    def __str__(self) -> str:
        return self.name

    @property
    def explanation(self) -> str:
        """The description of the permission."""
        return str(PermissionName(self.name).label)


class UnusedPermission(models.Model):
    """A permission of Rocket.Chat that has no effect here, and the roles that have it.

    It is kept so that programs can list and change it. It is in a table of its own so
    that no check of permissions can find it.
    """

    name = models.CharField(_("name"), max_length=100, unique=True)
    roles = models.ManyToManyField(
        Role, related_name="unused_permissions", blank=True, verbose_name=_("roles")
    )
    updated_at = models.DateTimeField(default=timezone.now)

    objects = UnusedPermissionQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        ordering = ("name",)
        verbose_name = _("permission without effect")
        verbose_name_plural = _("permissions without effect")

    def __str__(self) -> str:
        return self.name
