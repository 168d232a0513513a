"""Asking for the password again before dangerous acts.

The page that asks is shown in place of the page that was called. What was sent is in
it, hidden, and is sent again with the password: nothing that was typed is lost.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ClassVar, Final

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext_lazy as _

from accounts.admin.account.forms import IdentityForm
from accounts.auth.browser_sessions import confirm, is_recently_confirmed
from accounts.auth.two_factor import two_factor_state
from config.admin.base import GuardedAdmin

PREFIX: Final = "reauthentication"
_MARK: Final = f"{PREFIX}-of"
_SECRETS: Final = ("password", "code", "secret")
_MOST_FIELDS: Final = 2000


def ask_again(request: Any) -> HttpResponse | None:
    """Return the page that asks for the password, or `None` if that was done."""
    if is_recently_confirmed(request):
        return None
    is_answer = request.method == "POST" and _MARK in request.POST
    device = two_factor_state(request.user).device
    form = IdentityForm(
        request, device, request.POST if is_answer else None, prefix=PREFIX
    )
    if is_answer and form.is_valid():
        confirm(request)
        if request.POST[_MARK] != "POST":
            return HttpResponseRedirect(request.get_full_path())
        _forget_answer(request)
        return None
    return _page(request, form, is_answer=is_answer)


def reauthenticated(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Show a page only shortly after the user proved who it is."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return ask_again(request) or view(request, *args, **kwargs)

    return guarded


class ReauthenticatedAdmin(GuardedAdmin):
    """Pages of a model whose dangerous acts ask for the password again."""

    reauthenticated_acts: ClassVar[frozenset[str]] = frozenset()
    """Of `add`, `change`, `delete`, and the names of actions of the list."""

    def needs_reauthentication(
        self, request: HttpRequest, act: str, object_id: str | None
    ) -> bool:
        """Tell whether the act is dangerous; changes only when they are sent."""
        if act == "change" and request.method != "POST":
            return False
        return act in self.reauthenticated_acts

    def changeform_view(
        self, request: HttpRequest, object_id: Any = None, *args: Any, **kw: Any
    ) -> Any:
        """Show or save a row."""
        act = "add" if object_id is None else "change"
        return self._ask(request, act, object_id) or super().changeform_view(
            request, object_id, *args, **kw
        )

    def delete_view(
        self, request: HttpRequest, object_id: Any, *args: Any, **kw: Any
    ) -> Any:
        """Delete a row."""
        return self._ask(request, "delete", object_id) or super().delete_view(
            request, object_id, *args, **kw
        )

    def changelist_view(self, request: HttpRequest, *args: Any, **kw: Any) -> Any:
        """List the rows or act on them."""
        action = request.POST.get("action", "")
        act = "delete" if action == "delete_selected" else action
        page = self._ask(request, act, None) if request.method == "POST" else None
        return page or super().changelist_view(request, *args, **kw)

    def _ask(
        self, request: HttpRequest, act: str, object_id: str | None
    ) -> HttpResponse | None:
        if not self.needs_reauthentication(request, act, object_id):
            return None
        return ask_again(request)


def _page(request: Any, form: IdentityForm, *, is_answer: bool) -> HttpResponse:
    sent = {
        name: values
        for name, values in request.POST.lists()
        if not name.startswith(PREFIX) and name != "csrfmiddlewaretoken"
    }
    method = request.POST[_MARK] if is_answer else request.method
    can_repeat = (
        method == "POST"
        and not request.FILES
        and len(sent) <= _MOST_FIELDS
        and not any(secret in name for name in sent for secret in _SECRETS)
    )
    context = {
        **admin.site.each_context(request),
        "has_permission": True,
        "title": _("Confirm that it is you"),
        "form": form,
        "mark": _MARK,
        "method": "POST" if can_repeat else "GET",
        "is_lost": method == "POST" and not can_repeat,
        "sent": [(name, value) for name, values in sent.items() for value in values]
        if can_repeat
        else [],
    }
    response = TemplateResponse(
        request, "admin/accounts/account/reauthenticate.html", context
    )
    add_never_cache_headers(response)
    return response


def _forget_answer(request: Any) -> None:
    """Leave the password out of what the page behind reads."""
    sent = request.POST.copy()
    for name in [name for name in sent if name.startswith(PREFIX)]:
        del sent[name]
    request.POST = sent
