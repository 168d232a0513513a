"""Admin pages of users, roles, tokens, the activity log and failed logins."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.models import Group

from accounts.admin.activity.admin import ActivityEntryAdmin
from accounts.admin.lockouts import FailedLoginAdmin
from accounts.admin.roles import RoleAdmin
from accounts.admin.tokens import AuthTokenAdmin
from accounts.admin.users.admin import UserAdmin

# Roles replace Django's groups.
admin.site.unregister(Group)

__all__ = [
    "ActivityEntryAdmin",
    "AuthTokenAdmin",
    "FailedLoginAdmin",
    "RoleAdmin",
    "UserAdmin",
]
