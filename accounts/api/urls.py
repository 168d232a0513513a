"""URLs of the endpoints for logins, users, roles, permissions and tokens."""

from __future__ import annotations

from typing import Final

from django.urls import path

from accounts.api import permissions, personal_tokens, roles, sessions, users
from config.api.views import ApiView

_VIEWS: Final[dict[str, type[ApiView]]] = {
    "login": sessions.LoginView,
    "logout": sessions.LogoutView,
    "me": sessions.MeView,
    "users.generatePersonalAccessToken": (
        personal_tokens.GeneratePersonalAccessTokenView
    ),
    "users.regeneratePersonalAccessToken": (
        personal_tokens.RegeneratePersonalAccessTokenView
    ),
    "users.getPersonalAccessTokens": personal_tokens.GetPersonalAccessTokensView,
    "users.removePersonalAccessToken": personal_tokens.RemovePersonalAccessTokenView,
    "users.create": users.UsersCreateView,
    "users.list": users.UsersListView,
    "users.info": users.UsersInfoView,
    "users.delete": users.UsersDeleteView,
    "roles.list": roles.RolesListView,
    "roles.sync": roles.RolesSyncView,
    "roles.create": roles.RolesCreateView,
    "roles.update": roles.RolesUpdateView,
    "roles.delete": roles.RolesDeleteView,
    "roles.addUserToRole": roles.RolesAddUserToRoleView,
    "roles.removeUserFromRole": roles.RolesRemoveUserFromRoleView,
    "roles.getUsersInRole": roles.RolesGetUsersInRoleView,
    "roles.getUsersInPublicRoles": roles.RolesGetUsersInPublicRolesView,
    "permissions.listAll": permissions.PermissionsListAllView,
    "permissions.update": permissions.PermissionsUpdateView,
    "permissions.addRole": permissions.PermissionsAddRoleView,
    "permissions.removeRole": permissions.PermissionsRemoveRoleView,
}

urlpatterns = [path(name, view.as_view(), name=name) for name, view in _VIEWS.items()]
