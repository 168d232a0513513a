"""Admin pages of API tokens: list, create and revoke."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesRadioFilter, RadioFilter
from unfold.decorators import display

from accounts.admin.reauthentication import ReauthenticatedAdmin
from accounts.auth.networks import read_networks
from accounts.auth.rights import ensure_may_manage
from accounts.errors import ActionNotAllowedError, InvalidNetworksError
from accounts.models import AuthToken, User
from accounts.permission_names import PermissionName
from accounts.services.activity import Author, author_of
from accounts.services.tokens import IssuedToken, end_tokens, issue_token
from config.admin.empty_states import EmptyState
from config.admin.formatting import format_time


class TokenForm(forms.ModelForm[AuthToken]):
    """The form of a new token."""

    author: ClassVar[Author]
    """The user who submits the form."""

    class Meta:
        model = AuthToken
        fields = ("user", "name", "expires_at", "networks", "bypass_two_factor")
        help_texts: ClassVar = {
            "name": _("What uses the token, such as the name of a program."),
            "expires_at": _(
                "In UTC. Leave empty to use the server's limit (TOKEN_MAX_DAYS). If no"
                " limit is set, the token never expires."
            ),
            "bypass_two_factor": _(
                "API calls with this token never require a two-factor code."
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "name" in self.fields:
            self.fields["name"].required = True

    def clean_user(self) -> User:
        """Reject an owner who holds permissions that the viewer lacks."""
        user: User = self.cleaned_data["user"]
        try:
            ensure_may_manage([user], by=self.author)
        except ActionNotAllowedError as error:
            raise ValidationError(error.message) from error
        return user

    def clean_expires_at(self) -> Any:
        """Reject an expiry time that has passed."""
        moment = self.cleaned_data["expires_at"]
        if moment is not None and moment <= timezone.now():
            raise ValidationError(_("Choose a time in the future."))
        return moment

    def clean_networks(self) -> str:
        """Parse the list of networks."""
        try:
            return read_networks(self.cleaned_data["networks"])
        except InvalidNetworksError as error:
            raise ValidationError(error.message) from error

    def clean(self) -> None:
        """Reject a name that another token of the owner has."""
        super().clean()
        user, name = self.cleaned_data.get("user"), self.cleaned_data.get("name")
        if user and name and AuthToken.objects.personal(user, name).exists():
            self.add_error("name", _("A token with this name already exists"))


class UsableFilter(RadioFilter):
    """Filter by whether a token is usable or expired."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: Any, model_admin: Any) -> Iterable[tuple[str, Any]]:
        """Return the two states."""
        return (("usable", _("usable")), ("expired", _("expired")))

    def queryset(self, request: Any, queryset: Any) -> Any:
        """Return the usable or the expired tokens."""
        if self.value() == "usable":
            return queryset.usable()
        return queryset.expired() if self.value() == "expired" else queryset


@admin.register(AuthToken)
class AuthTokenAdmin(ReauthenticatedAdmin):
    """The tokens of all users. The plain value is shown once, after creation."""

    view_permission = PermissionName.ACCESS_PERMISSIONS
    add_permission = PermissionName.ACCESS_PERMISSIONS
    delete_permission = PermissionName.ACCESS_PERMISSIONS

    reauthenticated_acts = frozenset({"add"})

    form = TokenForm
    empty_state = EmptyState(
        "key",
        _("No tokens yet"),
        _(
            "A token appears here when a user creates a personal access token or logs"
            " in to the API."
        ),
    )
    list_display = ("owner", "label", "state", "created", "used", "expires")
    list_filter = (UsableFilter, ("kind", ChoicesRadioFilter))
    list_select_related = ("user",)
    search_fields = ("user__username", "user__name", "name", "last_part")
    search_help_text = _("Search by owner, name or last six characters")
    date_hierarchy = "created_at"
    ordering = ("-created_at", "-id")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return the fields of a new token, or all fields but the digest."""
        if obj is None:
            return ("user", "name", "expires_at", "networks", "bypass_two_factor")
        return (
            *("user", "name", "kind", "ending", "condition"),
            *("created", "used", "expires", "networks", "bypass_two_factor"),
        )

    def get_autocomplete_fields(self, request: HttpRequest) -> Any:
        """Return the owner field if the user may search all users."""
        may_search = request.user.has_perm(PermissionName.VIEW_USER_ADMINISTRATION)
        return ("user",) if may_search else ()

    def get_form(
        self, request: Any, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """Return the form with the user who submits it."""
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        form.author = author_of(request)
        return form

    def get_actions(self, request: HttpRequest) -> Any:
        """Rename the bulk action from "delete" to "revoke"."""
        actions = super().get_actions(request)
        if "delete_selected" in actions:
            function, name, _description = actions["delete_selected"]
            actions["delete_selected"] = (function, name, _("Revoke selected tokens"))
        return actions

    def save_model(self, request: Any, obj: AuthToken, form: Any, change: bool) -> None:
        """Create the token, and keep its plain value for this response only."""
        issued = issue_token(
            user=obj.user,
            name=obj.name,
            expires_at=obj.expires_at,
            networks=obj.networks,
            bypass_two_factor=obj.bypass_two_factor,
            by=author_of(request),
        )
        obj.pk, obj.last_part = issued.token.pk, issued.token.last_part
        obj.expires_at = issued.token.expires_at
        obj.kind = issued.token.kind
        request.issued_token = issued

    def delete_model(self, request: HttpRequest, obj: AuthToken) -> None:
        """Revoke the token."""
        self.delete_queryset(request, AuthToken.objects.filter(pk=obj.pk))

    def delete_queryset(
        self, request: HttpRequest, queryset: QuerySet[AuthToken]
    ) -> None:
        """Revoke the tokens."""
        end_tokens(AuthToken.objects.filter(pk__in=queryset), by=author_of(request))

    def response_add(
        self, request: Any, obj: AuthToken, post_url_continue: Any = None
    ) -> HttpResponse:
        """Show the plain value once."""
        issued: IssuedToken = request.issued_token
        context = {
            **self.admin_site.each_context(request),
            "title": _("Token created"),
            "opts": self.opts,
            "token": obj,
            "expires": format_time(obj.ends_at),
            "header_lines": (
                f"X-User-Id: {obj.user.public_id}\nX-Auth-Token: {issued.plain}"
            ),
        }
        response = TemplateResponse(
            request, "admin/accounts/authtoken/issued.html", context
        )
        response.headers["Cache-Control"] = "no-store"
        return response

    @display(description=_("owner"), ordering="user__username", header=True)
    def owner(self, token: AuthToken) -> tuple[str, str]:
        """Return the owner's username with the name below it."""
        return str(token.user), token.user.name

    @display(description=_("token"), ordering="name", header=True)
    def label(self, token: AuthToken) -> tuple[Any, str]:
        """Return the token's name or kind, with its last characters below it."""
        return token.name or token.get_kind_display(), self.ending(token)

    @display(description=_("ends with"))
    def ending(self, token: AuthToken) -> str:
        """Return the last characters."""
        return f"…{token.last_part}"

    @display(description=_("state"), label={True: "success", False: "danger"})
    def state(self, token: AuthToken) -> tuple[bool, Any]:
        """Return the token's state with its color."""
        if token.has_expired:
            return False, _("expired")
        if not token.user.is_active:
            return False, _("owner deactivated")
        return True, _("usable")

    @display(description=_("state"))
    def condition(self, token: AuthToken) -> Any:
        """Return the token's state as text."""
        _is_usable, label = self.state(token)
        return label

    @display(description=_("created"), ordering="created_at")
    def created(self, token: AuthToken) -> str:
        """Return the creation time."""
        return format_time(token.created_at)

    @display(description=_("last used"), ordering="last_used_at")
    def used(self, token: AuthToken) -> str:
        """Return the time of the last use."""
        return format_time(token.last_used_at, missing=str(_("never")))

    @display(description=_("expires"), ordering="expires_at")
    def expires(self, token: AuthToken) -> str:
        """Return the expiry time."""
        return format_time(token.ends_at, missing=str(_("never")))
