"""What will come of a user or a room, in a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from imports_app.engine.forecasts import Forecast
from imports_app.engine.matches import Way
from imports_app.records import UserRecord

_USER_WAYS: Final = {
    Way.IMPORT_ID: gettext_noop("Completes {}, who came from the same source."),
    Way.EMAIL: gettext_noop("Completes {}, who has the same e-mail address."),
    Way.NAME: gettext_noop("Completes {}, who has the same username."),
}
_ROOM_WAYS: Final = {
    Way.IMPORT_ID: gettext_noop("Adds to {}, which came from the same source."),
    Way.NAME: gettext_noop("Adds to {}, which has the same name."),
}


@dataclass(frozen=True, slots=True)
class Fate:
    """A sentence, and what sort it is: `new`, `known`, `out` or `fails`."""

    sort: str
    text: str


def fate_of_user(
    user: UserRecord, forecast: Forecast, target: str, *, is_chosen: bool
) -> Fate:
    """Say what will come of a user.

    Args:
        user: The record.
        forecast: What would come of it.
        target: The account that is here, ready to be shown.
        is_chosen: Whether it is selected.
    """
    if not is_chosen:
        return Fate("out", _("Left out: not selected."))
    if forecast.problem is not None:
        return Fate("fails", _("Will fail: %s") % forecast.problem.message)
    if forecast.is_starter:
        return Fate("known", _("Began this import: only the id is added."))
    if forecast.way is not None:
        return Fate("known", format_html(_(_USER_WAYS[forecast.way]), target))
    if user.is_deleted:
        return Fate("new", _("New account, switched off."))
    return Fate("new", _("New account."))


def fate_of_room(forecast: Forecast, target: str, *, is_chosen: bool) -> Fate:
    """Say what will come of a room; its messages share it.

    Args:
        forecast: What would come of it.
        target: The room that is here, ready to be shown.
        is_chosen: Whether it is selected.
    """
    if not is_chosen:
        return Fate("out", _("Left out, with its messages: not selected."))
    if forecast.problem is not None:
        return Fate("fails", _("Will fail: %s") % forecast.problem.message)
    if forecast.way is not None:
        return Fate("known", format_html(_(_ROOM_WAYS[forecast.way]), target))
    if forecast.new_name:
        text = _("New room, named %s: another room has its name.")
        return Fate("new", text % forecast.new_name)
    return Fate("new", _("New room."))
