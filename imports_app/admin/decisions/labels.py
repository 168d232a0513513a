"""Sentences about decisions and suggestions."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from imports_app.models import Decision, DecisionAction
from imports_app.records import Kind
from imports_app.services.review.suggestions import Reason

REASONS: Final = {
    Reason.ADDRESS: gettext_lazy("same e-mail address"),
    Reason.USERNAME: gettext_lazy("same username"),
    Reason.NAME: gettext_lazy("same name"),
    Reason.SIMILAR: gettext_lazy("similar name"),
}
HIDDEN_ROOM: Final = gettext_lazy("a private room that you may not read")


def describe_decision(decision: Decision, *, is_hidden: bool = False) -> str:
    """Return what was decided about a record.

    Args:
        decision: The decision.
        is_hidden: Whether its target is a private room that the viewer may not read.
    """
    target = HIDDEN_ROOM if is_hidden else decision.target_name
    if decision.action == DecisionAction.SKIP:
        return _("Skip.")
    if decision.action == DecisionAction.MERGE:
        return _("Merge with %s of the source.") % target
    if decision.action == DecisionAction.MATCH:
        is_user = decision.kind == Kind.USER
        text = _("Match with the user %s.") if is_user else _("Merge into the room %s.")
        return text % target
    value = decision.value
    if decision.action == DecisionAction.CREATE:
        parts = [
            (_("username %s"), value.get("username")),
            (_("e-mail address %s"), value.get("email")),
        ]
        given = [text % name for text, name in parts if name]
        return _("Create a new user with the %s.") % _(" and the ").join(given)
    changes = [_("name “%s”") % value["name"]] if value.get("name") else []
    if value.get("private"):
        changes.append(_("private room"))
    return _("Import with these changes: %s.") % ", ".join(changes)
