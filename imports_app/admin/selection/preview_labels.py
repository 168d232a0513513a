"""What will come of a user or a room, in a sentence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from config.admin.formatting import grouped
from imports_app.engine.matching.matched_by import MatchedBy
from imports_app.engine.previews import Preview
from imports_app.records import UserRecord

_USER_WAYS: Final = {
    MatchedBy.IMPORT_ID: gettext_noop("Completes {}, who came from the same source."),
    MatchedBy.EMAIL: gettext_noop("Completes {}, who has the same e-mail address."),
    MatchedBy.NAME: gettext_noop("Completes {}, who has the same username."),
}
_PRIVILEGED_WAYS: Final = {
    MatchedBy.IMPORT_ID: gettext_noop(
        "Matches a privileged user, {}, by import ID: confirm."
    ),
    MatchedBy.EMAIL: gettext_noop(
        "Matches a privileged user, {}, by e-mail address: confirm."
    ),
    MatchedBy.NAME: gettext_noop(
        "Matches a privileged user, {}, by username: confirm."
    ),
}
_ROOM_WAYS: Final = {
    MatchedBy.IMPORT_ID: gettext_noop("Adds to {}, which came from the same source."),
    MatchedBy.NAME: gettext_noop("Adds to {}, which has the same name."),
}


@dataclass(frozen=True, slots=True)
class PreviewLabel:
    """A sentence, and what sort it is: `new`, `known`, `out` or `fails`."""

    sort: str
    text: str


def label_user_preview(
    user: UserRecord,
    forecast: Preview,
    target: str,
    *,
    is_selected: bool,
    messages: int,
    refusals: Iterable[str] = (),
) -> PreviewLabel:
    """Say what will come of a user.

    Args:
        user: The record.
        forecast: What would come of it.
        target: The account that is here, ready to be shown.
        is_chosen: Whether it is selected.
        messages: How many messages have the user as their author, if it was counted.
        refusals: Why roles of a new account are not given.
    """
    if not is_selected:
        return PreviewLabel("out", _("Left out: not selected."))
    match = forecast.privileged
    if match is not None and match.is_confirmed:
        text = _("Confirmed to be {}, a privileged user: only the import ID is added.")
        return PreviewLabel("known", format_html(text, target))
    if match is not None and match.matched_by is not None:
        text = format_html(_(_PRIVILEGED_WAYS[match.matched_by]), target)
        return PreviewLabel("fails", format_html("{} {}", text, _failing(messages)))
    if forecast.problem is not None:
        return PreviewLabel("fails", _("Will fail: %s") % forecast.problem.message)
    if forecast.is_starter:
        return PreviewLabel("known", _("Began this import: only the id is added."))
    if forecast.matched_by is not None:
        return PreviewLabel(
            "known", format_html(_(_USER_WAYS[forecast.matched_by]), target)
        )
    created = (
        _("Creates a deactivated user.") if user.is_deleted else _("Creates a user.")
    )
    return PreviewLabel("new", " ".join([created, *refusals]))


def _failing(messages: int) -> str:
    """Say what fails as long as a match is not confirmed."""
    if not messages:
        return _("Without a confirmation, this record fails.")
    text = ngettext(
        "Without a confirmation, this record and %s message fail.",
        "Without a confirmation, this record and %s messages fail.",
        messages,
    )
    return text % grouped(messages)


def label_room_preview(
    forecast: Preview, target: str, *, is_selected: bool
) -> PreviewLabel:
    """Say what will come of a room; its messages share it.

    Args:
        forecast: What would come of it.
        target: The room that is here, ready to be shown.
        is_chosen: Whether it is selected.
    """
    if not is_selected:
        return PreviewLabel("out", _("Left out, with its messages: not selected."))
    if forecast.problem is not None:
        return PreviewLabel("fails", _("Will fail: %s") % forecast.problem.message)
    if forecast.matched_by is not None:
        return PreviewLabel(
            "known", format_html(_(_ROOM_WAYS[forecast.matched_by]), target)
        )
    if forecast.new_name:
        text = _("New room, named %s: another room has its name.")
        return PreviewLabel("new", text % forecast.new_name)
    return PreviewLabel("new", _("New room."))
