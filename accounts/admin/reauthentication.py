"""Re-authentication: require the password again before sensitive actions.

The password form is shown in place of the requested page. It carries the submitted
form data in hidden fields and submits it again, so that no input is lost.
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


def require_reauthentication(request: Any) -> HttpResponse | None:
    """Return the password form, or `None` if the user confirmed recently."""
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
    """Require recent re-authentication for a view."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return require_reauthentication(request) or view(request, *args, **kwargs)

    return guarded


class ReauthenticatedAdmin(GuardedAdmin):
    """A model admin with actions that require re-authentication."""

    reauthenticated_acts: ClassVar[frozenset[str]] = frozenset()
    """`add`, `change`, `delete`, or names of actions of the list."""

    def needs_reauthentication(
        self, request: HttpRequest, act: str, object_id: str | None
    ) -> bool:
        """Return whether the action is sensitive; viewing a form is not."""
        if act == "change" and request.method != "POST":
            return False
        return act in self.reauthenticated_acts

    def changeform_view(
        self, request: HttpRequest, object_id: Any = None, *args: Any, **kw: Any
    ) -> Any:
        """Show or save an object."""
        act = "add" if object_id is None else "change"
        return self._ask(request, act, object_id) or super().changeform_view(
            request, object_id, *args, **kw
        )

    def delete_view(
        self, request: HttpRequest, object_id: Any, *args: Any, **kw: Any
    ) -> Any:
        """Delete an object."""
        return self._ask(request, "delete", object_id) or super().delete_view(
            request, object_id, *args, **kw
        )

    def changelist_view(self, request: HttpRequest, *args: Any, **kw: Any) -> Any:
        """List objects or run an action on them."""
        action = request.POST.get("action", "")
        act = "delete" if action == "delete_selected" else action
        page = self._ask(request, act, None) if request.method == "POST" else None
        return page or super().changelist_view(request, *args, **kw)

    def _ask(
        self, request: HttpRequest, act: str, object_id: str | None
    ) -> HttpResponse | None:
        if not self.needs_reauthentication(request, act, object_id):
            return None
        return require_reauthentication(request)


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
        "title": _("Confirm your identity"),
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
    """Remove the password form's fields before the requested view runs."""
    sent = request.POST.copy()
    for name in [name for name in sent if name.startswith(PREFIX)]:
        del sent[name]
    request.POST = sent
