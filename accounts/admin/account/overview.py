"""Account overview: profile, two-factor authentication, tokens and sessions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.admin.account.access import may_have_tokens
from accounts.admin.account.frame import account_page, show
from accounts.auth.browser_sessions import reference_of, stored_key
from accounts.auth.two_factor import two_factor_state
from accounts.models import AuthToken, Session, User
from config.admin.formatting import format_age, format_time

_SHOWN: Final = 100
_BROWSERS: Final = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS: Final = (
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A token in the overview."""

    id: int
    title: str
    facts: list[tuple[str, str]]
    has_expired: bool


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A browser session in the overview."""

    reference: str
    title: str
    facts: list[tuple[str, str]]
    is_current: bool


@account_page
def overview(request: Any) -> HttpResponse:
    """List the user's sessions and tokens with buttons that end them."""
    user: User = request.user
    state = two_factor_state(user)
    tokens = AuthToken.objects.filter(user=user).for_display()
    personal = tokens.filter(kind=AuthToken.Kind.PERSONAL)
    logins = tokens.filter(kind=AuthToken.Kind.LOGIN).usable()
    unused = state.device and state.device.recovery_codes.filter(used_at=None).count()
    return show(
        request,
        "overview.html",
        _("Your account"),
        profile=_profile(user),
        device=state.device,
        enabled_since=state.device and format_time(state.device.confirmed_at),
        unused_codes=unused,
        is_required=state.is_required,
        may_have_tokens=may_have_tokens(user),
        personal_tokens=[_token_row(token) for token in personal[:_SHOWN]],
        login_tokens=[_token_row(token) for token in logins[:_SHOWN]],
        sessions=_session_rows(request),
    )


def describe_browser(user_agent: str) -> str:
    """Return the browser and operating system from a User-Agent header."""
    browser = _first(user_agent, _BROWSERS) or _("Unknown browser")
    system = _first(user_agent, _SYSTEMS)
    if not system:
        return browser
    return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}


def _first(text: str, names: tuple[tuple[str, str], ...]) -> str:
    return next((name for part, name in names if part in text), "")


def _profile(user: User) -> list[tuple[str, str]]:
    emails = ", ".join(user.emails.values_list("address", flat=True))
    roles = ", ".join(user.roles.values_list("name", flat=True))
    return [
        (_("Username"), str(user)),
        (_("Name"), user.name or "-"),
        (_("E-mail address"), emails or "-"),
        (_("Roles"), roles or "-"),
        (_("User ID"), user.public_id),
        (_("Created"), format_time(user.created_at)),
    ]


def _token_row(token: AuthToken) -> TokenRow:
    facts = [
        (_("Created"), format_time(token.created_at)),
        (_("Last used"), format_time(token.last_used_at, missing=_("never"))),
        (_("Expires"), format_time(token.ends_at, missing=_("never"))),
    ]
    if token.networks:
        facts.append((_("Networks"), token.networks.replace(",", ", ")))
    return TokenRow(token.pk, str(token), facts, token.has_expired)


def _session_rows(request: Any) -> list[SessionRow]:
    opened: Any = Session.objects.filter(
        user=request.user, expire_date__gt=timezone.now()
    )
    current = stored_key(request)
    rows = [
        SessionRow(
            reference_of(session),
            describe_browser(session.user_agent),
            [
                (_("IP address"), session.address or "-"),
                (_("Last seen"), format_age(session.last_seen_at)),
                (_("Logged in"), format_time(session.created_at)),
            ],
            session.pk == current,
        )
        for session in opened.order_by("-last_seen_at", "-created_at")[:_SHOWN]
    ]
    return sorted(rows, key=lambda row: not row.is_current)
