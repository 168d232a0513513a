"""Endpoints that create, list, find and delete users (wire-api.md 6.6)."""

from __future__ import annotations

from typing import Any, ClassVar, Final

import orjson
from django.http import HttpResponse, QueryDict
from rest_framework.request import Request

from accounts.api import wire
from accounts.api.callers import caller_of, may_see_private
from accounts.api.schema import users as schema
from accounts.api.user_rooms import rooms_of
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
from config.api.errors import InvalidParamsError
from config.api.input.fields import Flag, Json, Params, Properties, Text, Texts
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
    *("bio", "nickname", "status_text", "custom_fields"),
)
_PUBLIC_KEYS: Final = frozenset({"public_id", "username"})
_SORTABLE: Final = {
    "_id": "public_id",
    "username": "username",
    "name": "name",
    "createdAt": "created_at",
    "_updatedAt": "updated_at",
    "active": "is_active",
    "status": "is_active",  # as in Rocket.Chat: deactivated users apart from the others
    "inviteToken": "id",  # no user has one, so the order is that of creation
    "type": "kind",
}
_MOST_BYTES: Final = 10_000
"""Of custom fields as JSON."""
_MOST_LEVELS: Final = 10
"""Of custom fields within each other."""
_SORTABLE_PRIVATE: Final = {"emails.address": "first_address"}


class CustomFields(Properties):
    """Custom fields of a user: any properties that all databases can store."""

    default_error_messages: ClassVar = {
        "bytes": "must NOT have more than {limit} bytes",
        "levels": "must NOT have more than {limit} levels",
        "null_character": "must NOT have NUL characters",
    }

    def to_internal_value(self, data: Any) -> Any:
        """Check the size, the number of levels and the texts."""
        fields = super().to_internal_value(data)
        self._check(fields, _MOST_LEVELS)
        if len(orjson.dumps(fields)) > _MOST_BYTES:
            self.fail("bytes", limit=_MOST_BYTES)
        return fields

    def _check(self, value: Any, levels: int) -> None:
        if isinstance(value, str) and "\0" in value:
            self.fail("null_character")
        if not isinstance(value, dict | list):
            return
        if levels == 0:
            self.fail("levels", limit=_MOST_LEVELS)
        for inner in value:
            self._check(inner, levels - 1)
        if isinstance(value, dict):
            for inner in value.values():
                self._check(inner, levels - 1)


class NewUserBody(Params):
    """Body of users.create."""

    username = Text(allow_blank=False)
    name = Text()
    email = Text(max_length=254, allow_blank=False)
    password = Text(allow_blank=False)
    active = Flag(default=True, allow_null=True, source="is_active")
    roles = Texts(required=False, help_text="IDs or names. Default: `user`.")
    bio = Text(required=False, allow_null=True)
    nickname = Text(required=False, allow_null=True)
    status_text = Text(required=False, allow_null=True)
    verified = Flag(default=False, allow_null=True, source="email_verified")
    set_random_password = Flag(
        default=False,
        allow_null=True,
        help_text="The user can't log in with a password.",
    )
    custom_fields = CustomFields(
        required=False, help_text="Any properties, of at most 10,000 bytes as JSON."
    )
    require_password_change = Flag(
        default=False, allow_null=True, help_text="Accepted and ignored."
    )
    join_default_channels = Flag(
        default=False, allow_null=True, help_text="Accepted and ignored."
    )
    send_welcome_email = Flag(
        default=False,
        allow_null=True,
        help_text="Accepted and ignored: the server sends no mail.",
    )


class UserInfoParams(Params):
    """Query of users.info: exactly one key, and what to return."""

    user_id = Text(required=False, allow_blank=False, source="public_id")
    username = Text(required=False, allow_blank=False)
    import_id = Text(required=False, allow_blank=False)
    email = Text(required=False, allow_blank=False)
    fields_ = Json(required=False, help_text='For example `{"username": 1}`.')
    include_user_rooms = Text(required=False, help_text="`true` adds the user's rooms.")


class UserListParams(OffsetParams):
    """Query of users.list."""

    sort = Json(required=False, help_text='For example `{"name": -1}`.')
    fields_ = Json(required=False, help_text='For example `{"username": 1}`.')
    email = Text(required=False, allow_blank=False)


class UserToDeleteBody(Params):
    """Body of users.delete."""

    user_id = Text(required=False, source="public_id")
    username = Text(required=False)
    user = Text(required=False, help_text="The username, as some clients send it.")
    confirm_relinquish = Flag(default=False)


class UsersCreateView(ApiView):
    """POST users.create."""

    required_permission = Access.SIGNED_IN
    late_permissions = (PermissionName.CREATE_USER,)
    body_params = NewUserBody

    @schema.describe_create
    def post(self, request: Request) -> HttpResponse:
        """Create a user."""
        refusal = ActionNotAllowedError("Adding user is not allowed")
        demand(request, PermissionName.CREATE_USER, refusal)
        kept = {name: self.body[name] for name in _KEPT if name in self.body}
        if self.body["set_random_password"]:
            kept["password"] = None
        user = create_user(roles=self._roles(request), by=author_of(request), **kept)
        created = User.objects.for_wire().get(pk=user.pk)
        return success({"user": wire.user(created, is_private_shown=True)})

    def _roles(self, request: Request) -> list[Role]:
        """Return the requested roles. Roles other than the default need permissions."""
        wanted = self.body.get("roles", _DEFAULT_ROLES)
        roles = list(filter(None, map(Role.objects.find_by_id_or_name, wanted)))
        if len(roles) < len(wanted):
            raise ActionNotAllowedError("The field Roles consist invalid role id")
        additional = {role.public_id for role in roles} - set(_DEFAULT_ROLES)
        if additional:
            refusal = ActionNotAllowedError("Assigning roles is not allowed")
            demand(request, PermissionName.ACCESS_PERMISSIONS, refusal)
        if ADMIN_ROLE in additional:
            refusal = ActionNotAllowedError("Assigning admin is not allowed")
            demand(request, PermissionName.ASSIGN_ADMIN_ROLE, refusal)
        return roles


class UsersListView(ApiView):
    """GET users.list."""

    required_permission = PermissionName.VIEW_D_ROOM
    query_params = UserListParams

    def parse_query(self, query: QueryDict) -> dict[str, Any]:
        """Return order, projection and page. Rocket.Chat's `query` is rejected."""
        if "query" in query:
            msg = "query: not supported; use email, sort, fields, offset and count"
            raise InvalidParamsError(msg)
        params = super().parse_query(query)
        known = _SORTABLE
        if may_see_private(self.request):
            known = {**_SORTABLE, **_SORTABLE_PRIVATE}
        return {
            **params,
            "sort": read_sort(params.get("sort", "{}"), known),
            "fields": read_fields(params.get("fields_", "{}")),
        }

    @schema.describe_list
    def get(self, request: Request) -> HttpResponse:
        """Return one page of users."""
        offset, email = self.params["offset"], self.params.get("email")
        found = _found_by(request, email=email) if email else User.objects.all()
        rows = found.for_wire().with_first_address()
        page = page_of(
            rows.order_by(*(self.params["sort"] or ["username"]), "id"),
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
    query_params = UserInfoParams

    def parse_query(self, query: QueryDict) -> dict[str, Any]:
        """Return the key, the projection and whether to return rooms."""
        keys = super().parse_query(query)
        fields = read_fields(keys.pop("fields_", "{}"))
        has_rooms = keys.pop("include_user_rooms", "") == "true"
        if not keys:
            raise UserNotNamedError
        if len(keys) > 1:
            msg = "use exactly one of userId, username, importId and email"
            raise InvalidParamsError(msg)
        return {"keys": keys, "fields": fields, "has_rooms": has_rooms}

    @schema.describe_info
    def get(self, request: Request) -> HttpResponse:
        """Return the user with the given key."""
        user = _found_by(request, **self.params["keys"]).for_wire().first()
        if user is None:
            raise UnknownUserError
        document = project(_document(request, user), self.params["fields"])
        if self.params["has_rooms"] and _may_list_rooms(request, user):
            document["rooms"] = rooms_of(user, caller_of(request))
        return success({"user": document})


class UsersDeleteView(ApiView):
    """POST users.delete."""

    required_permission = PermissionName.DELETE_USER
    body_params = UserToDeleteBody

    @schema.describe_delete
    def post(self, request: Request) -> HttpResponse:
        """Delete the user. Rooms have no single owner here, so none is deleted."""
        public_id = self.body.get("public_id")
        username = self.body.get("username") or self.body.get("user")
        if public_id:
            found = User.objects.identified(public_id=public_id)
        elif username:
            found = User.objects.identified(username=username)
        else:
            raise UserNotNamedError
        user = found.first()
        if user is None:
            raise NoMatchingUserError
        delete_users(users=[user], by=author_of(request))
        return success({"deletedRooms": []})


def _found_by(request: Request, **keys: str) -> UserQuerySet:
    """Return the user with this key, if the caller may see it.

    E-mail addresses and import IDs of other users are private. A lookup by one finds
    only the caller, so that the response doesn't reveal whether it exists.
    """
    found: UserQuerySet = User.objects.identified(**keys)
    is_private = not keys.keys() <= _PUBLIC_KEYS
    if is_private and not may_see_private(request):
        return found.filter(pk=caller_of(request).pk)
    return found


def _document(request: Request, user: User) -> JSONDict:
    """Return the user, with private fields if the caller may see them."""
    is_own = user.pk == request.user.pk
    return wire.user(user, is_private_shown=is_own or may_see_private(request))


def _may_list_rooms(request: Request, user: User) -> bool:
    """Return whether the caller may list the user's rooms."""
    is_own = user.pk == request.user.pk
    return is_own or request.user.has_perm(PermissionName.VIEW_ROOM_ADMINISTRATION)
