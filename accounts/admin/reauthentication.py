"""Re-authentication: require the password again before sensitive actions.

The password form is shown in place of the requested page. It carries the submitted
form data in hidden fields and submits it again, so that no input is lost.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, wraps
from typing import Any, ClassVar, Final

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext_lazy as _

from accounts.admin.account.forms import IdentityForm
from accounts.admin.account.frame import parents_of
from accounts.auth.browser_sessions import confirm, is_recently_confirmed
from accounts.auth.two_factor import two_factor_state
from config.admin.base import GuardedAdmin

PREFIX: Final = "reauthentication"
_MARK: Final = f"{PREFIX}-of"
_ACCOUNT: Final = "account"
_AGREED: Final = f"{PREFIX}-agreed"
_SECRETS: Final = ("password", "code", "secret")
_MOST_FIELDS: Final = 2000


class Reauthentication:
    """The password form of a request and its answer, if there is one."""

    def __init__(self, request: Any) -> None:
        self._request = request
        self._is_answer = request.method == "POST" and _MARK in request.POST
        self._method = request.POST[_MARK] if self._is_answer else request.method
        self.agreed: str = request.POST.get(_AGREED, "")
        """The digest of the consequences that the form showed."""
        self._answer = self._new_form(request.POST) if self._is_answer else None
        self.is_right = self._answer is not None and self._answer.is_valid()
        """Whether the form was submitted with the right password."""

    def settle(self) -> HttpResponse | None:
        """Record the confirmation. Return a response if there is no data to repeat.

        The answer to the form of a page must never reach the view: it is a POST, and
        the page was only to be shown.
        """
        if not self._is_answer:
            return None
        if self.is_right:
            confirm(self._request)
        if self._method == "POST":
            _forget_answer(self._request)
            return None
        if is_recently_confirmed(self._request):
            return HttpResponseRedirect(self._request.get_full_path())
        return self.page()

    def page(self, consequences: Any = None) -> HttpResponse:
        """Return the page with the form. It repeats the submitted data."""
        form = None if self.is_right else self._answer
        return _page(
            self._request, form or self._new_form(), self._method, consequences
        )

    def _new_form(self, data: Any = None) -> IdentityForm:
        device = two_factor_state(self._request.user).device
        return IdentityForm(self._request, device, data, prefix=PREFIX)


def require_reauthentication(request: Any) -> HttpResponse | None:
    """Return the password form, or `None` if the user confirmed recently."""
    asked = Reauthentication(request)
    if page := asked.settle():
        return page
    return None if is_recently_confirmed(request) else asked.page()


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
        view = partial(super().changeform_view, request, object_id, *args, **kw)
        return self.guard(request, act, object_id, view)

    def delete_view(
        self, request: HttpRequest, object_id: Any, *args: Any, **kw: Any
    ) -> Any:
        """Delete an object."""
        view = partial(super().delete_view, request, object_id, *args, **kw)
        return self.guard(request, "delete", object_id, view)

    def changelist_view(self, request: HttpRequest, *args: Any, **kw: Any) -> Any:
        """List objects or run an action on them."""
        view = partial(super().changelist_view, request, *args, **kw)
        if request.method != "POST":
            return view()
        action = request.POST.get("action", "")
        act = "delete" if action == "delete_selected" else action
        return self.guard(request, act, None, view)

    def guard(
        self,
        request: HttpRequest,
        act: str,
        object_id: str | None,
        view: Callable[[], Any],
    ) -> Any:
        """Run a view, or ask for the password first."""
        is_sensitive = self.needs_reauthentication(request, act, object_id)
        return (require_reauthentication(request) if is_sensitive else None) or view()


def _page(
    request: Any, form: IdentityForm, method: str, consequences: Any
) -> HttpResponse:
    sent = {
        name: values
        for name, values in request.POST.lists()
        if not name.startswith(PREFIX) and name != "csrfmiddlewaretoken"
    }
    can_repeat = (
        method == "POST"
        and not request.FILES
        and len(sent) <= _MOST_FIELDS
        and not any(secret in name for name in sent for secret in _SECRETS)
    )
    match = request.resolver_match
    account = reverse(f"{_ACCOUNT}:overview")
    context = {
        **admin.site.each_context(request),
        "has_permission": True,
        "title": _("Consequences of this change")
        if consequences
        else _("Confirm your identity"),
        "parents": parents_of(request) if match.namespace == _ACCOUNT else [],
        "consequences": consequences,
        "agreed": _AGREED,
        "back": request.get_full_path() if consequences else account,
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
