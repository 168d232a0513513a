"""Consequences of a change: what the viewer can no longer do, and what else follows.

A change runs in a transaction first. If it takes permissions from the viewer or has
announced other consequences, it is undone, and the page lists them and requires the
password. Nothing predicts the result: it is what the change has done.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.contrib.auth import logout
from django.contrib.messages.storage import default_storage
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.admin.reauthentication import ReauthenticatedAdmin, Reauthentication
from accounts.auth.browser_sessions import is_recently_confirmed
from accounts.models import Permission, User
from accounts.permission_names import ADMIN_PERMISSIONS, PermissionName

_ANNOUNCED: Final = "announced_consequences"


@dataclass(frozen=True, slots=True)
class Consequences:
    """What follows from a change."""

    lost: tuple[str, ...]
    """Descriptions of the permissions that the viewer loses."""
    notes: tuple[str, ...]
    """Sentences."""

    def __bool__(self) -> bool:
        return bool(self.lost or self.notes)

    @property
    def digest(self) -> str:
        """Identify the consequences that the viewer has read."""
        text = "\n".join((*self.lost, "", *self.notes))
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class _Standing:
    """The viewer's account and permissions, read from the database."""

    is_active: bool | None
    """`None` if the account does not exist."""
    names: frozenset[str]


def announce(request: HttpRequest, notes: Iterable[str]) -> None:
    """Add consequences of the current change, before or after it is made."""
    announced = getattr(request, _ANNOUNCED, ())
    setattr(request, _ANNOUNCED, (*announced, *notes))


class ConsequencesAdmin(ReauthenticatedAdmin):
    """A model admin whose changes can take permissions from the viewer."""

    def guard(
        self,
        request: HttpRequest,
        act: str,
        object_id: str | None,
        view: Callable[[], Any],
    ) -> Any:
        """Run a view. A change with consequences is made after the viewer's consent."""
        if request.method != "POST":
            return super().guard(request, act, object_id, view)
        is_sensitive = self.needs_reauthentication(request, act, object_id)
        return _run_with_consent(request, view, is_sensitive=is_sensitive)


def _run_with_consent(
    request: Any, change: Callable[[], HttpResponse], *, is_sensitive: bool
) -> HttpResponse:
    asked = Reauthentication(request)
    if page := asked.settle():
        return page
    setattr(request, _ANNOUNCED, ())
    before = _standing_of(request.user)
    with transaction.atomic():
        response = change()
        after = _standing_of(request.user)
        consequences = _consequences(request, before, after)
        is_known = asked.is_right and asked.agreed == consequences.digest
        is_held = (bool(consequences) and not is_known) or (
            is_sensitive and not is_recently_confirmed(request)
        )
        if is_held:
            transaction.set_rollback(True)
    if not is_held:
        return _after_loss(request) if not after.is_active else response
    request._messages = default_storage(request)  # messages of the undone change
    return asked.page(consequences)


def _after_loss(request: Any) -> HttpResponse:
    """Log out the viewer, whose account has been deactivated or deleted."""
    logout(request)
    return HttpResponseRedirect(reverse("admin:login"))


def _consequences(request: Any, before: _Standing, after: _Standing) -> Consequences:
    gone = before.names - after.names
    lost = tuple(str(name.label) for name in PermissionName if name in gone)
    notes = [*getattr(request, _ANNOUNCED, ())]
    if lost:
        notes += _notes_on_access(after)
    return Consequences(lost, tuple(notes))


def _notes_on_access(after: _Standing) -> list[str]:
    """Return what the loss of permissions means for the viewer's access."""
    if after.is_active is None:
        return [_("Your own account is deleted. You are logged out.")]
    if not after.is_active:
        state = _("Your own account is deactivated. You are logged out.")
    elif not after.names & ADMIN_PERMISSIONS:
        state = _("You can no longer open this console.")
    else:
        state = ""
    can_restore = PermissionName.ASSIGN_ADMIN_ROLE in after.names
    undo = "" if can_restore else _("Only another administrator can undo this.")
    return [note for note in (state, undo) if note]


def _standing_of(user: User) -> _Standing:
    states = User.objects.filter(pk=user.pk).values_list("is_active", flat=True)
    is_active = states.first()
    if not is_active:
        return _Standing(is_active, frozenset())
    held = Permission.objects.held_by(user.pk).values_list("name", flat=True)
    return _Standing(is_active, frozenset(held))
