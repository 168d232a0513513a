"""Content of the page that decides about a user or room, and its form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permission_names import PermissionName
from imports_app.admin.decisions.labels import REASONS, describe_decision
from imports_app.admin.selection.table import build_rows
from imports_app.errors import DecisionInvalidError
from imports_app.models import (
    Decision,
    DecisionAction,
    ImportOperation,
    ImportRecord,
    Room,
)
from imports_app.records import ChannelRecord, Kind, RoomType, UserRecord, record_of
from imports_app.services.review.choices import Choice
from imports_app.services.review.decision_files import hidden_rooms
from imports_app.services.review.suggestions import (
    search_rooms,
    search_source_users,
    search_users,
    suggest_rooms,
    suggest_users,
)
from imports_app.services.selection import get_selection


@dataclass(frozen=True, slots=True)
class Option:
    """Existing user or room, or user of the source, to choose."""

    value: str
    """Public ID or import ID."""
    name: str
    details: str
    reason: Any = ""
    """Why it is suggested."""
    href: str = ""


def choice_context(
    request: HttpRequest,
    operation: ImportOperation,
    record: ImportRecord,
    *,
    is_searching: bool,
) -> dict[str, Any]:
    """Return the facts of a record, its preview, suggestions and search results.

    Args:
        request: The request.
        operation: The import.
        record: The user or room to decide about.
        is_searching: Whether to look for existing users and rooms.
    """
    viewer: Any = request.user
    found = record_of(Kind(record.kind), record.data)
    decision = Decision.objects.of_record(
        operation.pk, record.kind, record.import_id
    ).first()
    selection = get_selection(operation)
    kind = Kind(record.kind)
    [row] = build_rows(operation, kind, [record.pk], selection, viewer)
    hidden = hidden_rooms([decision], viewer) if decision is not None else set()
    context: dict[str, Any] = {
        "record": record,
        "row": row,
        "facts": _facts_of(found),
        "who": request.GET.get("who", "")[:200],
        "other": request.GET.get("other", "")[:200],
        "decision": decision
        and describe_decision(decision, is_hidden=decision.target in hidden),
        "value": decision.value if decision is not None else {},
    }
    if isinstance(found, ChannelRecord):
        context["is_public"] = found.type is RoomType.PUBLIC
    if not is_searching:
        return context
    if isinstance(found, UserRecord):
        is_linked = viewer.has_perm(PermissionName.VIEW_USER_ADMINISTRATION)
        people = search_users(context["who"])
        others = search_source_users(operation, context["other"], record)
        context |= {
            "suggestions": [
                _user_option(one.user, REASONS[one.reason], is_linked=is_linked)
                for one in suggest_users(found)
            ],
            "matches": [_user_option(one, is_linked=is_linked) for one in people],
            "others": list(map(_source_option, others)),
        }
    elif isinstance(found, ChannelRecord):
        is_linked = viewer.has_perm(PermissionName.VIEW_ROOM_ADMINISTRATION)
        rooms = search_rooms(context["who"], found, viewer)
        context |= {
            "suggestions": [
                _room_option(one.room, REASONS[one.reason], is_linked=is_linked)
                for one in suggest_rooms(found, viewer)
            ],
            "matches": [_room_option(one, is_linked=is_linked) for one in rooms],
        }
    return context


def _facts_of(record: Any) -> list[tuple[str, str]]:
    """Return labels and values of a record, without empty ones."""
    facts: list[tuple[str, str]] = []
    if isinstance(record, UserRecord):
        facts = [
            (_("Username"), record.username or ""),
            (_("E-mail addresses"), ", ".join(record.emails)),
            (_("Name"), record.name or ""),
            (_("Roles"), ", ".join(record.roles)),
        ]
    elif isinstance(record, ChannelRecord):
        kinds = {RoomType.PUBLIC: _("public"), RoomType.PRIVATE: _("private")}
        facts = [
            (_("Name"), record.name or ""),
            (_("Type"), kinds.get(record.type, "")),
            (_("Topic"), record.topic or record.description or ""),
        ]
    facts.append((_("ID in the source"), ", ".join(record.import_ids)))
    return [(label, value[:500]) for label, value in facts if value]


def _user_option(user: User, reason: Any = "", *, is_linked: bool) -> Option:
    page = "admin:accounts_user_change"
    href = reverse(page, args=[user.pk]) if is_linked else ""
    status = "" if user.is_active else _("deactivated")
    details = " · ".join(filter(None, (user.name, status)))
    return Option(user.public_id, str(user), details, reason, href)


def _room_option(room: Room, reason: Any = "", *, is_linked: bool) -> Option:
    page = "admin:imports_app_room_change"
    href = reverse(page, args=[room.pk]) if is_linked else ""
    kind = str(room.get_type_display())
    details = " · ".join(filter(None, (kind, room.topic[:120])))
    return Option(room.public_id, f"#{room.name}", details, reason, href)


def _source_option(record: ImportRecord) -> Option:
    data: Mapping[str, Any] = record.data
    names: Iterable[str | None] = (data.get("name"), *data.get("emails", ())[:1])
    name = data.get("username") or data.get("name") or record.import_id
    return Option(record.import_id, str(name), " · ".join(filter(None, names)))


def choice_of(record: ImportRecord, form: QueryDict) -> Choice:
    """Return the decision of the page's form. The value of its button is the action.

    Raises:
        DecisionInvalidError: The form has no known action.
    """
    action, _space, target = form.get("do", "").partition(" ")
    if action not in DecisionAction.values:
        raise DecisionInvalidError(_("Select a decision."))

    def text(name: str) -> str:
        return form.get(name, "").strip().replace("\0", "")

    return Choice(
        kind=Kind(record.kind),
        import_id=record.import_id,
        action=DecisionAction(action),
        target=target.replace("\0", "")[:255],
        username=text("username"),
        email=text("email"),
        name=text("name").removeprefix("#"),
        is_private=bool(form.get("private")),
    )
