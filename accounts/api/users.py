"""Users, found, made and deleted by others (wire-api.md 6.6)."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpResponse, QueryDict
from rest_framework import serializers
from rest_framework.request import Request

from accounts.api import wire
from accounts.api.callers import caller_of, may_see_private
from accounts.api.schema import users as schema
from accounts.auth.rights import ADMIN_ROLE
from accounts.errors import (
    ActionNotAllowedError,
    NoMatchingUserError,
    UnknownUserError,
    UserNotNamedError,
)
from accounts.models import Role, User
from accounts.permission_names import PermissionName
from accounts.querysets import UserQuerySet
from accounts.services.activity import author_of
from accounts.services.users import create_user, delete_users
from config.api.envelope import success
from config.api.errors import ForbiddenError, InvalidParamsError
from config.api.input.fields import Flag, Params, Properties, Text, Texts
from config.api.input.offsets import (
    OffsetParams,
    page_of,
    project,
    read_fields,
    read_sort,
)
from config.api.permissions import Access, demand
from config.api.views import ApiView
from config.api.wire import JSONDict

_DEFAULT_ROLES: Final = ("user",)
_KEPT: Final = (
    *("username", "name", "email", "password", "email_verified", "is_active"),
    *("bio", "nickname", "status_text"),
)
_PUBLIC_KEYS: Final = frozenset({"public_id", "username"})
_SORTABLE: Final = {
    "_id": "public_id",
    "username": "username",
    "name": "name",
    "createdAt": "created_at",
    "_updatedAt": "updated_at",
    "active": "is_active",
    "type": "kind",
}


class NewUserBody(Params):
    """A new user."""

    username = Text(allow_blank=False)
    name = Text()
    email = Text(max_length=254, allow_blank=False)
    password = Text(allow_blank=False)
    active = Flag(default=True, source="is_active")
    roles = Texts(required=False, help_text="Ids or names; `user` if left out.")
    bio = Text(required=False)
    nickname = Text(required=False)
    status_text = Text(required=False)
    verified = Flag(default=False, source="email_verified")
    set_random_password = Flag(
        default=False, help_text="The account then can't log in with a password."
    )
    custom_fields = Properties(required=False, help_text="Not kept.")
    require_password_change = Flag(default=False, help_text="Not kept.")
    join_default_channels = Flag(default=False, help_text="Not kept.")
    send_welcome_email = Flag(
        default=False, help_text="Ignored: this server sends no mail."
    )


class UserKeys(Params):
    """Exactly one of the keys by which a user is found."""

    user_id = serializers.CharField(required=False, source="public_id")
    username = serializers.CharField(required=False)
    import_id = serializers.CharField(required=False)
    email = serializers.CharField(required=False)


class UserListParams(OffsetParams):
    """Which users, in which order, and what of them."""

    sort = serializers.CharField(required=False, help_text='Such as `{"name": -1}`.')
    fields_ = serializers.CharField(
        required=False, help_text='Such as `{"username": 1}`.'
    )
    email = serializers.CharField(required=False)


class UserToDeleteBody(Params):
    """Who is to be deleted."""

    user_id = Text(required=False, source="public_id")
    username = Text(required=False)
    confirm_relinquish = Flag(default=False)


class UsersCreateView(ApiView):
    """POST users.create."""

    required_permission = Access.SIGNED_IN
    body_params = NewUserBody

    @schema.describe_create
    def post(self, request: Request) -> HttpResponse:
        """Make a user."""
        refusal = ActionNotAllowedError("Adding user is not allowed")
        demand(request, PermissionName.CREATE_USER, refusal)
        kept = {name: self.body[name] for name in _KEPT if name in self.body}
        if self.body["set_random_password"]:
            kept["password"] = None
        user = create_user(roles=self._roles(request), by=author_of(request), **kept)
        created = User.objects.for_wire().get(pk=user.pk)
        return success({"user": wire.user(created, is_private_shown=True)})

    def _roles(self, request: Request) -> list[Role]:
        """Return the roles asked for; giving other than the usual takes a right."""
        wanted = self.body.get("roles", _DEFAULT_ROLES)
        roles = list(filter(None, map(Role.objects.called, wanted)))
        if len(roles) < len(wanted):
            raise ActionNotAllowedError("The field Roles consist invalid role id")
        unusual = {role.public_id for role in roles} - set(_DEFAULT_ROLES)
        if unusual:
            refusal = ActionNotAllowedError("Assigning roles is not allowed")
            demand(request, PermissionName.ACCESS_PERMISSIONS, refusal)
        if ADMIN_ROLE in unusual:
            refusal = ActionNotAllowedError("Assigning admin is not allowed")
            demand(request, PermissionName.ASSIGN_ADMIN_ROLE, refusal)
        return roles


class UsersListView(ApiView):
    """GET users.list."""

    required_permission = PermissionName.VIEW_D_ROOM
    query_params = UserListParams

    def parse_query(self, query: QueryDict) -> dict[str, Any]:
        """Return order, projection and page; database queries are refused."""
        if "query" in query:
            msg = "query: is not supported; use email, sort, fields, offset and count"
            raise InvalidParamsError(msg)
        params = super().parse_query(query)
        return {
            **params,
            "sort": read_sort(params.get("sort", "{}"), _SORTABLE),
            "fields": read_fields(params.get("fields_", "{}")),
        }

    @schema.describe_list
    def get(self, request: Request) -> HttpResponse:
        """Answer one page."""
        offset, email = self.params["offset"], self.params.get("email")
        found = _found_by(request, email=email) if email else User.objects.all()
        page = page_of(
            found.for_wire().order_by(*(self.params["sort"] or ["username"]), "id"),
            offset=offset,
            count=self.params["count"],
        )
        users = [
            project(_document(request, user), self.params["fields"]) for user in page
        ]
        counts = {"count": len(users), "offset": offset, "total": found.count()}
        return success({"users": users, **counts})


class UsersInfoView(ApiView):
    """GET users.info."""

    required_permission = Access.SIGNED_IN
    query_params = UserKeys

    @schema.describe_info
    def get(self, request: Request) -> HttpResponse:
        """Answer the user whom the key names."""
        if not self.params:
            raise UserNotNamedError
        if len(self.params) > 1:
            msg = "must name the user by one of userId, username, importId and email"
            raise InvalidParamsError(msg)
        user = _found_by(request, **self.params).for_wire().first()
        if user is None:
            raise UnknownUserError
        return success({"user": _document(request, user)})


class UsersDeleteView(ApiView):
    """POST users.delete."""

    required_permission = Access.SIGNED_IN
    body_params = UserToDeleteBody

    def check_permissions(self, request: Request) -> None:
        """Refuse in fewer words than elsewhere."""
        demand(request, PermissionName.DELETE_USER, ForbiddenError())

    @schema.describe_delete
    def post(self, request: Request) -> HttpResponse:
        """Delete the user; this server has no rooms of a single owner to give up."""
        keys = {name: self.body.get(name) for name in ("public_id", "username")}
        if not any(keys.values()):
            raise UserNotNamedError
        user = User.objects.identified(**keys).first()
        if user is None:
            raise NoMatchingUserError
        delete_users(users=[user], by=author_of(request))
        return success({"deletedRooms": []})


def _found_by(request: Request, **keys: str) -> UserQuerySet:
    """Return who has this key, as far as the caller may know.

    Addresses and import ids of others are private, so a look-up by one finds nobody but
    the caller: the answer must not tell whether anybody has it.
    """
    found: UserQuerySet = User.objects.identified(**keys)
    is_private = not keys.keys() <= _PUBLIC_KEYS
    if is_private and not may_see_private(request):
        return found.filter(pk=caller_of(request).pk)
    return found


def _document(request: Request, user: User) -> JSONDict:
    """Return the user; addresses and import ids are for whoever administers users."""
    is_own = user.pk == request.user.pk
    return wire.user(user, is_private_shown=is_own or may_see_private(request))
