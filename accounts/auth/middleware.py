"""Middleware that enforces the second factor and tracks session activity."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any
from urllib.parse import urlencode

from django.contrib.sessions.backends.base import UpdateError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from accounts.auth.browser_sessions import has_passed_two_factor, touch
from accounts.auth.two_factor import state_of_session
from config.api.paths import is_api_path


def second_factor_gate(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Redirect sessions without a verified second factor.

    Users with a second factor must enter a code. Users who need one and have none must
    set it up. The check runs on every request, so it applies to existing sessions.
    """

    def middleware(request: Any) -> HttpResponse:
        if is_api_path(request.path_info) or not request.user.is_authenticated:
            return get_response(request)
        try:
            touch(request)
        except UpdateError:
            request.session.flush()
            return HttpResponseRedirect(_address("admin:login"))
        page = _required_redirect(request)
        if page is None:
            return get_response(request)
        response = HttpResponseRedirect(page)
        response.headers["Cache-Control"] = "no-store"
        return response

    return middleware


def _required_redirect(request: Any) -> str | None:
    path = request.path_info
    if path == _address("admin:logout"):
        return None
    state = state_of_session(request.user)
    if state.device is not None and not has_passed_two_factor(request, state.device):
        verify = _address("account:verify")
        return None if path == verify else _with_next(verify, request)
    if state.needs_setup:
        setup = _address("account:two_factor_setup")
        return None if path == setup else setup
    is_entry = path in {_address("admin:index"), _address("admin:login")}
    if is_entry and request.method == "GET" and not request.user.is_staff:
        return _address("account:overview")
    return None


def _with_next(page: str, request: HttpRequest) -> str:
    target = request.get_full_path()
    if request.method != "GET" or target == _address("admin:index"):
        return page
    return f"{page}?{urlencode({'next': target})}"


@cache
def _address(name: str) -> str:
    return reverse(name)
