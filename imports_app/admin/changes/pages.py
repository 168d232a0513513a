"""Page that lists what is different since the last import of the same source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from accounts.permission_names import PermissionName
from config.admin.formatting import format_time
from imports_app.admin.base import AdminPages
from imports_app.admin.changes.summary import KINDS, LISTED, summarize
from imports_app.admin.labels import kind_label
from imports_app.admin.links import page_of, step_of
from imports_app.admin.preview.labels import field_label
from imports_app.admin.workspace.links import (
    conversation_url,
    message_url,
    room_title,
)
from imports_app.models import (
    ChangedRecord,
    ChangedRoom,
    ChangeEffect,
    ImportOperation,
    Message,
    Room,
    SourceChanges,
)
from imports_app.records import Kind
from imports_app.services.review.changes import get_changes

ROWS: Final = 50
_RELOADED_AFTER: Final = 2
"""Seconds after which the page reloads while a worker compares the file."""
_VIEW_PERMISSIONS: Final = {
    Kind.USER: PermissionName.VIEW_USER_ADMINISTRATION,
    Kind.CHANNEL: PermissionName.VIEW_ROOM_ADMINISTRATION,
    Kind.MESSAGE: PermissionName.VIEW_ROOM_ADMINISTRATION,
}


@dataclass(frozen=True, slots=True)
class View:
    """Kind, effect and page number of a view."""

    kind: Kind
    effect: str
    number: int

    @classmethod
    def from_query(cls, query: QueryDict) -> View:
        """Parse a query string; ignore invalid values."""
        kind = query.get("kind", "")
        effect = query.get("effect", "")
        number = query.get("page", "1")[:9]
        return cls(
            Kind(kind) if kind in KINDS else Kind.MESSAGE,
            effect if effect in LISTED else "",
            int(number) if number.isascii() and number.isdigit() else 1,
        )

    def address(self, **changes: Any) -> str:
        """Return the query string of this view with some values changed."""
        query = QueryDict(mutable=True)
        wanted = {"kind": self.kind.value, "effect": self.effect, **changes}
        query.update({key: str(value) for key, value in wanted.items() if value})
        return f"?{query.urlencode()}"


@dataclass(frozen=True, slots=True)
class Row:
    """New, changed or gone record."""

    name: str
    href: str
    effect: str
    effect_label: Any
    details: str


class ChangesPages(AdminPages):
    """Admin pages about the changes since the last import."""

    @action(
        description=_("Changes since the last import"),
        url_path="changes",
        icon="difference",
        permissions=("run",),
    )
    def changes_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Show what is new, changed and gone, by kind and by room."""
        operation = get_object_or_404(ImportOperation, pk=object_id)
        changes = get_changes(operation)
        if changes is None:
            return self.redirect_stale(request, operation)
        view = View.from_query(request.GET)
        context: dict[str, Any] = {}
        if changes.is_complete:
            may_view = request.user.has_perm(_VIEW_PERMISSIONS[view.kind])
            context = _tables(changes, view, may_view=may_view)
        response = self.show(
            request,
            "changes/changes.html",
            _("Changes since the last import"),
            operation=operation,
            operation_page=page_of(operation),
            selection_page=step_of(operation, "select"),
            is_waiting=operation.is_in_progress and not operation.is_running,
            summary=summarize(operation, changes),
            view=view,
            **context,
        )
        if not changes.is_complete:
            response.headers["Refresh"] = str(_RELOADED_AFTER)
        return response


def _tables(changes: SourceChanges, view: View, *, may_view: bool) -> dict[str, Any]:
    """Return the context of a complete comparison. At most four queries."""
    is_by_room = view.kind is Kind.MESSAGE and view.effect in ("", ChangeEffect.NEW)
    is_hidden = not may_view and (
        view.kind is Kind.MESSAGE or view.effect == ChangeEffect.GONE
    )
    rows: list[Any] = []
    page: Page[Any] | None = None
    if is_by_room:
        rooms = ChangedRoom.objects.narrowed(changes.pk, effect=view.effect)
        page = Paginator(rooms, ROWS).get_page(view.number)
        rows = list(page)
        if may_view:
            _use_existing_names(rows)
    elif not is_hidden:
        found = ChangedRecord.objects.narrowed(
            changes.pk, kind=view.kind, effect=view.effect
        )
        if not may_view:
            found = found.exclude(effect=ChangeEffect.GONE)
        page = Paginator(found, ROWS).get_page(view.number)
        rows = _rows(list(page), view.kind)
    return {
        "kinds": [
            {
                "label": kind_label(kind),
                "address": view.address(kind=kind.value, effect=""),
                "is_current": kind is view.kind,
                "number": sum(changes.number(kind, effect) for effect in LISTED),
            }
            for kind in KINDS
        ],
        "effects": [
            {
                "label": effect.label,
                "address": view.address(effect=effect.value),
                "is_current": effect == view.effect,
                "number": changes.number(view.kind, effect),
            }
            for effect in LISTED
        ],
        "all_effects": view.address(effect=""),
        "unchanged": changes.number(view.kind, ChangeEffect.UNCHANGED),
        "is_by_room": is_by_room,
        "is_hidden": is_hidden and not is_by_room,
        "page": page,
        "rows": rows,
        "computed_at": format_time(changes.finished_at),
        "page_query": f"{view.address()}&",
    }


def _use_existing_names(rows: list[ChangedRoom]) -> None:
    """Name existing rooms as they are named here: direct messages by their members."""
    keys = [row.target_id for row in rows if row.target_id is not None]
    rooms = Room.objects.in_bulk(keys)
    for row in rows:
        if (room := rooms.get(row.target_id or 0)) is not None:
            row.name = room_title(room)


def _rows(page: list[ChangedRecord], kind: Kind) -> list[Row]:
    """Return the rows of a page; messages have their room, time and link."""
    messages: dict[int, Message] = {}
    if kind is Kind.MESSAGE:
        messages = Message.objects.by_keys(one.target_id for one in page)
    rows = []
    for one in page:
        message = messages.get(one.target_id or 0)
        name, href = one.name, ""
        if message is not None:
            name = format_html(
                "{}, {}", room_title(message.room), format_time(message.sent_at)
            )
            href = message_url(message)
        elif kind is Kind.CHANNEL and one.target_id is not None:
            href = conversation_url(one.target_id)
        rows.append(
            Row(
                name,
                href,
                one.effect,
                ChangeEffect(one.effect).label,
                ", ".join(str(field_label(name)) for name in one.field_names),
            )
        )
    return rows
