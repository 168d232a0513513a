"""Shared parts of the account pages: access check and admin layout."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Final, TypeAlias

from django.contrib import admin, messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters

from config.admin.breadcrumbs import Crumb
from config.errors import DomainError

_OVERVIEW: Final = "account:overview"
View: TypeAlias = Callable[..., HttpResponse]


def account_page(view: View) -> View:
    """Require an active user, and disable caching of the page.

    A `DomainError` becomes a message on the overview page.
    """

    @sensitive_post_parameters()
    @csrf_protect
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated or not request.user.is_active:
            return redirect_to_login(request.get_full_path(), reverse("admin:login"))
        try:
            response = view(request, *args, **kwargs)
        except DomainError as error:
            messages.error(request, error.message)
            response = redirect_to_overview()
        add_never_cache_headers(response)
        return response

    return guarded


def show(
    request: HttpRequest, template: str, title: Any, **context: Any
) -> HttpResponse:
    """Render a page in the admin's layout."""
    full_context = {
        **admin.site.each_context(request),
        "has_permission": True,
        "title": title,
        "parents": parents_of(request),
        **context,
    }
    return TemplateResponse(request, f"admin/accounts/account/{template}", full_context)


def parents_of(request: HttpRequest) -> list[Crumb]:
    """Return the breadcrumbs before a page of the account, none on the overview."""
    overview = Crumb(_("Your account"), reverse(_OVERVIEW))
    return [] if request.path == overview.url else [overview]


def redirect_to_overview() -> HttpResponse:
    """Redirect to the overview."""
    return HttpResponseRedirect(reverse(_OVERVIEW))
