"""Sentences about what an import does to a user or room, from its plan."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from config.admin.formatting import link
from imports_app.engine.matching.decisions import match_note
from imports_app.models import Effect, PlannedRecord, Room
from imports_app.records import Kind

CATEGORIES: Final = {
    Effect.CREATE: "new",
    Effect.UPDATE: "known",
    Effect.UNCHANGED: "known",
    Effect.MERGE: "known",
    Effect.SKIP: "out",
    Effect.FAIL: "fails",
}
"""Style of each effect."""
_CREATES: Final = {
    Kind.USER: gettext_noop("Creates the user {}."),
    Kind.CHANNEL: gettext_noop("Creates the room {}."),
}
_CREATES_DEACTIVATED: Final = gettext_noop("Creates the deactivated user {}.")
_UPDATES: Final = {
    "import_id": gettext_noop("Updates {} (same import ID)."),
    "email": gettext_noop("Updates {} (same e-mail address)."),
    "name": gettext_noop("Updates {} (same name)."),
    "members": gettext_noop("Updates {} (same members)."),
    "decision": gettext_noop("Updates {} (by decision)."),
}
_FIELDS: Final = {
    "name": gettext_lazy("Name"),
    "bio": gettext_lazy("Bio"),
    "status_text": gettext_lazy("Status text"),
    "utc_offset": gettext_lazy("UTC offset"),
    "avatar to download": gettext_lazy("Avatar"),
    "import IDs": gettext_lazy("Import IDs"),
    "e-mail addresses": gettext_lazy("E-mail addresses"),
    "topic": gettext_lazy("Topic"),
    "description": gettext_lazy("Description"),
    "is_archived": gettext_lazy("Archived"),
    "type": gettext_lazy("Type"),
    "members": gettext_lazy("Members"),
    "author": gettext_lazy("Author"),
    "sent_at": gettext_lazy("Sent"),
    "text": gettext_lazy("Text"),
    "event": gettext_lazy("Event"),
    "thread": gettext_lazy("Reply to"),
    "edited_at": gettext_lazy("Edited"),
    "editor": gettext_lazy("Edited by"),
    "mentions": gettext_lazy("Mentions"),
    "reactions": gettext_lazy("Reactions"),
    "attachments": gettext_lazy("Attachments"),
    "files": gettext_lazy("Files"),
}
_MOST_CHARACTERS: Final = 120


@dataclass(frozen=True, slots=True)
class Change:
    """Changed field of an existing user or room."""

    label: Any
    before: str
    after: str


def describe_effect(planned: PlannedRecord, *, is_linked: bool) -> str:
    """Return a sentence about the effect on a record, as HTML.

    Args:
        planned: The planned record.
        is_linked: Whether the viewer may open existing users or rooms.
    """
    kind = Kind(planned.kind)
    target = _target(planned, kind, is_linked=is_linked)
    effect = Effect(planned.effect)
    if effect is Effect.FAIL:
        return planned.message
    if effect is Effect.SKIP:
        return planned.message
    if effect is Effect.CREATE and planned.record.data.get("is_deleted"):
        return format_html(_(_CREATES_DEACTIVATED), target)
    if effect is Effect.CREATE:
        return format_html(_(_CREATES[kind]), target)
    if effect is Effect.MERGE:
        text = _(
            "Adds to {}, which an earlier record of the import creates or updates."
        )
        return format_html(text, target)
    if effect is Effect.UNCHANGED:
        return format_html(_("No changes: {} already has these details."), target)
    return format_html(_(_UPDATES.get(planned.matched_by, "{}")), target)


def field_label(name: str) -> Any:
    """Return the label of a changed field."""
    return _FIELDS.get(name, name)


def note_of(planned: PlannedRecord, *, is_linked: bool) -> str:
    """Return the notes of a record that is imported, without those in the sentence."""
    if planned.effect in (Effect.FAIL, Effect.SKIP):
        return ""
    message = planned.message_for(may_view=is_linked)
    if planned.effect == Effect.UPDATE:
        return message.removeprefix(match_note(planned.target_name)).strip()
    return message


def changes_of(planned: PlannedRecord, *, is_linked: bool) -> Iterator[Change]:
    """Yield the changed fields of an existing user or room."""
    if planned.effect == Effect.CREATE:
        return
    for name, (before, after) in planned.changes_for(may_view=is_linked).items():
        yield Change(field_label(name), _text(name, before), _text(name, after))


def _text(name: str, value: Any) -> str:
    """Return a value of a field, shortened."""
    if isinstance(value, list):
        text = ", ".join(map(str, value))
    elif isinstance(value, bool):
        text = _("yes") if value else _("no")
    elif name == "type":
        text = str(Room.Type(value).label)
    else:
        text = "" if value is None else str(value)
    if len(text) > _MOST_CHARACTERS:
        text = f"{text[:_MOST_CHARACTERS]}..."
    return text


def _target(planned: PlannedRecord, kind: Kind, *, is_linked: bool) -> str:
    page = "accounts_user" if kind is Kind.USER else "imports_app_room"
    if not is_linked or planned.target_id is None:
        return planned.target_for(may_view=is_linked) or _("a room")
    address = reverse(f"admin:{page}_change", args=[planned.target_id])
    return link(address, planned.target_name)
