"""Account pages that change the password, tokens and browser sessions."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.admin.account.forms import NewTokenForm, OwnPasswordForm
from accounts.admin.account.frame import account_page, redirect_to_overview, show
from accounts.admin.reauthentication import reauthenticated
from accounts.auth.browser_sessions import reference_of, stored_key
from accounts.errors import TokenLifetimeError, TokenNameTakenError
from accounts.models import AuthToken, Session, User
from accounts.permission_names import PermissionName
from accounts.services.activity import author_of
from accounts.services.browser_sessions import end_sessions
from accounts.services.passwords import set_password
from accounts.services.tokens import (
    IssuedToken,
    end_tokens,
    issue_token,
    regenerate_token,
)


@account_page
def change_password(request: Any) -> HttpResponse:
    """Change the password. Other sessions and API logins end; this session stays."""
    form = OwnPasswordForm(request, request.POST or None)
    if form.is_valid():
        set_password(
            user=request.user,
            password=form.cleaned_data["new_password1"],
            by=author_of(request),
            session_key=stored_key(request),
        )
        update_session_auth_hash(request, request.user)
        messages.success(request, _("Password changed."))
        return redirect_to_overview()
    return show(request, "form.html", _("Change password"), form=form)


@account_page
@reauthenticated
def create_token(request: Any) -> HttpResponse:
    """Create a personal access token and show it once."""
    _require_token_permission(request.user)
    form = NewTokenForm(request.POST or None)
    if form.is_valid():
        try:
            issued = issue_token(
                user=request.user,
                name=form.cleaned_data["name"],
                expires_at=form.cleaned_data["expires_on"],
                networks=form.cleaned_data["networks"],
                by=author_of(request),
            )
        except TokenNameTakenError as error:
            form.add_error("name", error.message)
        except TokenLifetimeError as error:
            form.add_error("expires_on", error.message)
        else:
            return _show_token(request, issued)
    return show(request, "form.html", _("Create personal access token"), form=form)


@account_page
@reauthenticated
def renew_token(request: Any, token_id: int) -> HttpResponse:
    """Give a personal access token a new value."""
    _require_token_permission(request.user)
    token = _own_token(request, token_id, kind=AuthToken.Kind.PERSONAL)
    if request.method != "POST":
        return show(
            request,
            "question.html",
            _("Renew token %s") % token,
            question=_("The token gets a new value. The old value stops working."),
        )
    issued = regenerate_token(user=request.user, name=token.name, by=author_of(request))
    return _show_token(request, issued)


@account_page
@require_POST
def end_token(request: Any, token_id: int) -> HttpResponse:
    """Delete one of the user's tokens of any kind."""
    token = _own_token(request, token_id)
    own = AuthToken.objects.filter(user=request.user, pk=token.pk)
    end_tokens(own, by=author_of(request))
    messages.success(request, _("Token revoked."))
    return redirect_to_overview()


@account_page
@require_POST
def end_session(request: Any, reference: str) -> HttpResponse:
    """End one of the user's browser sessions."""
    sessions = [
        session
        for session in Session.objects.filter(user=request.user)
        if reference_of(session) == reference
    ]
    if not sessions:
        raise Http404
    end_sessions(user=request.user, sessions=sessions, by=author_of(request))
    messages.success(request, _("Session ended."))
    return redirect_to_overview()


@account_page
@require_POST
def end_other_sessions(request: Any) -> HttpResponse:
    """End all browser sessions of the user except the current one."""
    others: Any = Session.objects.filter(user=request.user)
    others = others.exclude(pk=stored_key(request))
    ended = end_sessions(user=request.user, sessions=others, by=author_of(request))
    text = ngettext("%d session ended.", "%d sessions ended.", ended)
    messages.success(request, text % ended)
    return redirect_to_overview()


def may_have_tokens(user: User) -> bool:
    """Return whether the user may create personal access tokens."""
    return user.has_perm(PermissionName.CREATE_PERSONAL_ACCESS_TOKENS)


def _require_token_permission(user: User) -> None:
    if not may_have_tokens(user):
        raise Http404


def _own_token(request: Any, token_id: int, **conditions: Any) -> AuthToken:
    own = AuthToken.objects.filter(user=request.user, **conditions)
    return get_object_or_404(own, pk=token_id)


def _show_token(request: Any, issued: IssuedToken) -> HttpResponse:
    return show(
        request,
        "token_created.html",
        _("Token created"),
        token=issued.token,
        header_lines=(
            f"X-User-Id: {request.user.public_id}\nX-Auth-Token: {issued.plain}"
        ),
    )
