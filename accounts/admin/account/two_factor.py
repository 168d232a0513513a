"""Account pages of two-factor authentication: verify, set up, disable."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote

import segno
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.admin.account.forms import CodeForm, IdentityForm, SetupForm
from accounts.admin.account.frame import account_page, redirect_to_overview, show
from accounts.admin.reauthentication import reauthenticated
from accounts.auth.browser_sessions import (
    has_passed_two_factor,
    pass_two_factor,
    stored_key,
)
from accounts.auth.two_factor import two_factor_state
from accounts.errors import SecondFactorInvalidError
from accounts.models import User
from accounts.services.activity import author_of
from accounts.services.two_factor import (
    begin_setup,
    confirm_setup,
    disable_two_factor,
    renew_recovery_codes,
    typed_secret,
)

_ISSUER: Final = "Import server"
_GROUP: Final = 4


@account_page
def verify(request: Any) -> HttpResponse:
    """Ask for the code after the password."""
    device = two_factor_state(request.user).device
    target = _next_page(request)
    if device is None or has_passed_two_factor(request, device):
        return HttpResponseRedirect(target)
    form = CodeForm(request, device, request.POST or None)
    if form.is_valid():
        pass_two_factor(request, device)
        return HttpResponseRedirect(target)
    return show(request, "verify.html", _("Two-factor authentication"), form=form)


@account_page
@reauthenticated
def set_up(request: Any) -> HttpResponse:
    """Show the secret, and enable two-factor authentication with the first code."""
    user: User = request.user
    state = two_factor_state(user)
    if state.device is not None:
        return redirect_to_overview()
    device = begin_setup(user=user)
    form = SetupForm(request.POST if "code" in request.POST else None)
    if form.is_valid():
        try:
            codes = confirm_setup(
                device=device,
                code=form.cleaned_data["code"],
                session_key=stored_key(request),
                by=author_of(request),
            )
        except SecondFactorInvalidError:
            form.add_error(
                "code",
                _("The code is wrong. Check that your device's clock is correct."),
            )
        else:
            pass_two_factor(request, device)
            return _show_codes(request, codes)
    secret = typed_secret(device)
    return show(
        request,
        "two_factor_setup.html",
        _("Set up two-factor authentication"),
        form=form,
        qr_code=_qr_code(user, secret),
        secret=" ".join(
            secret[start : start + _GROUP] for start in range(0, len(secret), _GROUP)
        ),
        is_required=state.is_required,
    )


@account_page
@reauthenticated
def renew_codes(request: Any) -> HttpResponse:
    """Replace the recovery codes."""
    device = two_factor_state(request.user).device
    if device is None:
        return redirect_to_overview()
    if request.method != "POST":
        return show(
            request,
            "question.html",
            _("Create new recovery codes"),
            question=_("The old recovery codes stop working."),
        )
    codes = renew_recovery_codes(device=device, by=author_of(request))
    return _show_codes(request, codes)


@account_page
def disable(request: Any) -> HttpResponse:
    """Disable two-factor authentication after checking password and code."""
    state = two_factor_state(request.user)
    if state.device is None:
        return redirect_to_overview()
    form = IdentityForm(request, state.device, request.POST or None)
    if form.is_valid():
        disable_two_factor(user=request.user, by=author_of(request))
        messages.success(request, _("Two-factor authentication disabled."))
        return redirect_to_overview()
    return show(
        request,
        "form.html",
        _("Disable two-factor authentication"),
        form=form,
        lead=_(
            "Your role requires two-factor authentication. You will have to set it up"
            " again before you can continue."
        )
        if state.is_required
        else "",
        button=_("Disable"),
    )


def _show_codes(request: Any, codes: list[str]) -> HttpResponse:
    return show(request, "recovery_codes.html", _("Recovery codes"), codes=codes)


def _next_page(request: Any) -> str:
    """Return the requested page if it is on this server, else the dashboard."""
    target: str = request.GET.get("next", "")
    is_own = target.startswith("/") and url_has_allowed_host_and_scheme(
        target, allowed_hosts=None, require_https=request.is_secure()
    )
    return target if is_own else reverse("admin:index")


def _qr_code(user: User, secret: str) -> SafeString:
    """Return the QR code for authenticator apps as inline SVG.

    The SVG is safe to embed: it contains coordinates only, no user input.
    """
    label = quote(f"{_ISSUER}:{user}")
    address = f"otpauth://totp/{label}?secret={secret}&issuer={quote(_ISSUER)}"
    code = segno.make(address, error="m", micro=False)
    return SafeString(code.svg_inline(scale=4, border=4, light="#fff", dark="#000"))
