"""Sentences that preview the outcome of importing a user or room."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from config.admin.formatting import format_number
from imports_app.admin.preview.labels import CATEGORIES, describe_effect, note_of
from imports_app.engine.matching.matched_by import MatchedBy
from imports_app.engine.previews import Preview
from imports_app.models import Effect, Outcome, PlannedRecord
from imports_app.records import UserRecord

_USER_MATCHES: Final = {
    MatchedBy.IMPORT_ID: gettext_noop("Updates {} (same import ID)."),
    MatchedBy.EMAIL: gettext_noop("Updates {} (same e-mail address)."),
    MatchedBy.NAME: gettext_noop("Updates {} (same username)."),
    MatchedBy.DECISION: gettext_noop("Updates {} (by decision)."),
}
_PRIVILEGED_MATCHES: Final = {
    MatchedBy.IMPORT_ID: gettext_noop("Matches the privileged user {} by import ID."),
    MatchedBy.EMAIL: gettext_noop("Matches the privileged user {} by e-mail address."),
    MatchedBy.NAME: gettext_noop("Matches the privileged user {} by username."),
    MatchedBy.DECISION: gettext_noop("Matches the privileged user {} by decision."),
}
_ROOM_MATCHES: Final = {
    MatchedBy.IMPORT_ID: gettext_noop("Updates {} (same import ID)."),
    MatchedBy.NAME: gettext_noop("Updates {} (same name)."),
    MatchedBy.DECISION: gettext_noop("Updates {} (by decision)."),
}


@dataclass(frozen=True, slots=True)
class PreviewLabel:
    """A sentence and its category: `new`, `known`, `out` or `fails`."""

    category: str
    text: str


def label_planned(planned: PlannedRecord, *, is_linked: bool) -> PreviewLabel:
    """Describe what the plan of the import says of a record.

    Args:
        planned: The planned record.
        is_linked: Whether the viewer may open existing users or rooms.
    """
    text = describe_effect(planned, is_linked=is_linked)
    if planned.effect == Effect.FAIL:
        text = _("Will fail: %s") % text
    elif note := note_of(planned, is_linked=is_linked):
        text = format_html("{} {}", text, note)
    return PreviewLabel(CATEGORIES[Effect(planned.effect)], text)


def label_user_preview(
    user: UserRecord,
    preview: Preview,
    target: str,
    *,
    is_selected: bool,
    messages: int,
    is_repeated: bool = False,
    refusals: Iterable[str] = (),
) -> PreviewLabel:
    """Describe the outcome of importing a user.

    Args:
        user: The record.
        preview: The previewed outcome.
        target: The matching user as HTML.
        is_selected: Whether the record is selected.
        messages: Number of messages by the user; 0 if unknown.
        is_repeated: Whether an earlier row of the source is the same user.
        refusals: Reasons why roles are not granted to a new user.
    """
    if not is_selected:
        return PreviewLabel("out", _("Not selected."))
    match = preview.privileged
    if match is not None and match.is_confirmed:
        text = _(
            "Confirmed match with the privileged user {}: adds only the import ID."
        )
        return PreviewLabel("known", format_html(text, target))
    if match is not None and match.matched_by is not None:
        text = format_html(_(_PRIVILEGED_MATCHES[match.matched_by]), target)
        return PreviewLabel("fails", format_html("{} {}", text, _failing(messages)))
    if _is_skipped(preview):
        return PreviewLabel("out", _("Skipped by decision."))
    if preview.problem is not None:
        return PreviewLabel("fails", _("Will fail: %s") % preview.problem.message)
    if preview.is_initiator:
        return PreviewLabel(
            "known", _("Started this import. Only the import ID is added.")
        )
    if preview.matched_by is not None:
        return PreviewLabel(
            "known", format_html(_(_USER_MATCHES[preview.matched_by]), target)
        )
    if is_repeated:
        return PreviewLabel("known", _("Updates the user of an earlier row."))
    created = (
        _("Creates a deactivated user.") if user.is_deleted else _("Creates a user.")
    )
    return PreviewLabel("new", " ".join([created, *refusals]))


def _is_skipped(preview: Preview) -> bool:
    return preview.problem is not None and preview.problem.outcome == Outcome.SKIPPED


def _failing(messages: int) -> str:
    """Describe what fails if the match is not confirmed."""
    if not messages:
        return _("Without a confirmation, this record fails.")
    text = ngettext(
        "Without a confirmation, this record and %s message fail.",
        "Without a confirmation, this record and %s messages fail.",
        messages,
    )
    return text % format_number(messages)


def label_room_preview(
    preview: Preview, target: str, *, is_selected: bool
) -> PreviewLabel:
    """Describe the outcome of importing a room and its messages.

    Args:
        preview: The previewed outcome.
        target: The matching room as HTML.
        is_selected: Whether the record is selected.
    """
    if not is_selected:
        return PreviewLabel("out", _("Not selected. Its messages are skipped."))
    if _is_skipped(preview):
        text = _("Skipped by decision. Its messages are skipped.")
        return PreviewLabel("out", text)
    if preview.problem is not None:
        return PreviewLabel("fails", _("Will fail: %s") % preview.problem.message)
    if preview.matched_by is not None:
        return PreviewLabel(
            "known", format_html(_(_ROOM_MATCHES[preview.matched_by]), target)
        )
    if preview.new_name:
        text = _("Creates a room named %s, because its name is taken.")
        return PreviewLabel("new", text % preview.new_name)
    return PreviewLabel("new", _("Creates a room."))
