"""Paginated table of staged users or rooms with their previewed outcomes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.core.paginator import Page, Paginator
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.permission_names import PermissionName
from config.admin.formatting import link
from imports_app.admin.decisions.labels import describe_decision
from imports_app.admin.selection.preview_labels import (
    PreviewLabel,
    label_planned,
    label_room_preview,
    label_user_preview,
)
from imports_app.admin.table_view import TableView, page_number_of, text_of
from imports_app.engine.matching.matched_by import MatchedBy
from imports_app.engine.matching.privileged_users import ConfirmedMatches, may_confirm
from imports_app.engine.planning.role_grants import Grants
from imports_app.engine.previews import Preview, preview_staged_rooms, preview_users
from imports_app.importers.registry import identifies_users_by_username
from imports_app.models import (
    Decision,
    ImportOperation,
    ImportPlan,
    ImportRecord,
    PlannedRecord,
)
from imports_app.records import ChannelRecord, Kind, UserRecord, record_of
from imports_app.selection.query import (
    TRAITS,
    annotate_selected,
    search_condition,
    selectable_records,
)
from imports_app.selection.rules import KindSelection, Selection
from imports_app.services.review.decision_files import hidden_rooms

ROWS: Final = 50
_REPEATED_USER: Final = "importer-repeated-user"
TRAIT_LABELS: Final = {
    "new": _("new"),
    "known": _("existing"),
    "people": _("people"),
    "bots": _("bots"),
    "deleted": _("deactivated"),
    "no-email": _("without e-mail address"),
    "privileged": _("matching privileged users"),
    "public": _("public"),
    "private": _("private"),
    "archived": _("archived"),
    "empty": _("without messages"),
}


@dataclass(frozen=True, slots=True)
class View(TableView):
    """Kind, search, filter and page number of a view."""

    trait: str

    @classmethod
    def from_query(cls, query: QueryDict) -> View:
        """Parse a query string; ignore invalid values."""
        kind = Kind.CHANNEL if query.get("kind") == Kind.CHANNEL else Kind.USER
        trait = query.get("trait", "")
        return cls(
            kind,
            text=text_of(query),
            number=page_number_of(query),
            trait=trait if trait in TRAITS[kind] else "",
        )

    def values(self) -> dict[str, Any]:
        """Add the filter."""
        return {**TableView.values(self), "trait": self.trait}

    @property
    def is_narrowed(self) -> bool:
        """Whether a search or filter is active."""
        return bool(self.text or self.trait)


@dataclass(frozen=True, slots=True)
class Action:
    """A button of a row."""

    label: Any
    value: str


@dataclass(slots=True)
class Row:
    """One user or room."""

    key: int
    """Key of the staged record."""
    import_id: str
    is_selected: bool
    name: str
    details: tuple[str, ...]
    marks: tuple[Any, ...]
    members: int
    messages: int | None
    preview: PreviewLabel
    action: Action | None = None
    is_for_others: bool = False
    """Whether another user has to confirm the match."""
    decision: str = ""
    """What a person decided; empty if nothing."""


@dataclass(frozen=True, slots=True)
class Table:
    """One page of rows with its paginator."""

    page: Page[int]
    rows: list[Row]


def build_table(
    operation: ImportOperation,
    view: View,
    selection: Selection,
    viewer: Any,
    plan: ImportPlan,
) -> Table:
    """Return the page of a view. Three queries plus those of the previews.

    What the import does to selected records comes from the plan, if it is complete.

    Primary keys are sorted without the records' data, which halves the time of the last
    page of a large source.
    """
    found = selectable_records(operation.pk, view.kind).filter(
        search_condition(view.kind, view.text, view.trait)
    )
    keys = found.order_by("search_text", "id").values_list("pk", flat=True)
    page = Paginator(keys, ROWS).get_page(view.number)
    keys_of_page = list(page.object_list)
    return Table(
        page, build_rows(operation, view.kind, keys_of_page, selection, viewer, plan)
    )


def build_rows(
    operation: ImportOperation,
    kind: Kind,
    keys: Any,
    selection: Selection,
    viewer: Any,
    plan: ImportPlan | None = None,
) -> list[Row]:
    """Return the rows of some records. Three queries plus those of the previews.

    Args:
        operation: The import.
        kind: The kind of the records.
        keys: The keys of the records, or their query.
        selection: The stored selection.
        viewer: The user who views the page.
        plan: The plan, if the rows show what it says.
    """
    choice = selection.of(kind)
    listed = ImportRecord.objects.filter(pk__in=keys)
    annotated = annotate_selected(listed, kind, choice)
    staged = list(annotated.order_by("search_text", "id"))
    planned = PlannedRecord.objects.of_records(plan, [one.pk for one in staged])
    rows = (
        _users(staged, operation, selection, viewer, planned)
        if kind is Kind.USER
        else _rooms(staged, operation, choice, viewer, planned)
    )
    decisions = Decision.objects.of_operation(operation.pk).filter(
        kind=kind, import_id__in=[one.import_id for one in staged]
    )
    decided = {one.import_id: one for one in decisions}
    hidden = hidden_rooms(decided.values(), viewer)
    for row in rows:
        if (decision := decided.get(row.import_id)) is not None:
            is_hidden = decision.target in hidden
            row.decision = describe_decision(decision, is_hidden=is_hidden)
    return rows


def _users(
    staged: list[Any],
    operation: ImportOperation,
    selection: Selection,
    viewer: Any,
    planned: dict[int, PlannedRecord],
) -> list[Row]:
    users: dict[int, UserRecord] = {}
    for one in staged:
        record = record_of(Kind.USER, one.data)
        if isinstance(record, UserRecord):
            users[one.pk] = record
    previews = preview_users(
        users,
        operation.pk,
        initiator_id=operation.user_id,
        matches_usernames=identifies_users_by_username(operation.importer_key),
        confirmed=ConfirmedMatches(selection.confirmed),
    )
    grants = Grants(sent_by=operation.sent_by, run_started_by=viewer.public_id)
    is_linked = viewer.has_perm(PermissionName.VIEW_USER_ADMINISTRATION)
    targets = _targets(previews, "accounts_user", is_linked=is_linked)
    return [
        Row(
            one.pk,
            one.import_id,
            is_selected=one.is_selected,
            name=user.name or user.username or user.import_ids[0],
            details=tuple(filter(None, (user.username, *user.emails))),
            marks=_user_marks(user),
            members=0,
            messages=None,
            preview=label_planned(planned[one.pk], is_linked=is_linked)
            if one.pk in planned and preview.privileged is None
            else label_user_preview(
                user,
                preview,
                target,
                is_selected=one.is_selected,
                messages=one.message_count or 0,
                is_repeated=one.guess == _REPEATED_USER,
                refusals=role_refusals(user, grants),
            ),
            action=action,
            is_for_others=one.is_selected
            and action is None
            and bool(preview.privileged)
            and preview.problem is not None,
        )
        for one, user, preview, target in zip(
            staged, users.values(), previews, targets, strict=True
        )
        for action in [
            _confirmation_action(one.pk, preview, viewer) if one.is_selected else None
        ]
    ]


def role_refusals(user: UserRecord, grants: Grants) -> list[str]:
    """Return reasons why roles are not granted, if the viewer starts the import."""
    if not user.roles:
        return []
    return [grant.refusal for grant in grants.decide(user) if grant.refusal]


def _confirmation_action(pk: int, preview: Preview, viewer: Any) -> Action | None:
    """Return the button that confirms a privileged match or withdraws that."""
    match = preview.privileged
    if match is None or match.matched_by is MatchedBy.DECISION:
        return None  # a decision has a page of its own
    if match.is_confirmed:
        return Action(_("Withdraw confirmation"), f"withdraw {pk}")
    if not may_confirm(viewer, match.user):
        return None
    return Action(_("Confirm"), f"confirm {pk} {match.user.public_id}")


def _user_marks(user: UserRecord) -> tuple[Any, ...]:
    marks = ((user.is_bot, _("bot")), (user.is_deleted, _("deactivated")))
    return tuple(mark for applies, mark in marks if applies)


def _rooms(
    staged: list[Any],
    operation: ImportOperation,
    selection: KindSelection,
    viewer: Any,
    planned: dict[int, PlannedRecord],
) -> list[Row]:
    rooms: dict[int, ChannelRecord] = {}
    for one in staged:
        record = record_of(Kind.CHANNEL, one.data)
        if isinstance(record, ChannelRecord):
            rooms[one.pk] = record
    previews = preview_staged_rooms(operation.pk, rooms, selection)
    is_linked = viewer.has_perm(PermissionName.VIEW_ROOM_ADMINISTRATION)
    targets = _targets(previews, "imports_app_room", is_linked=is_linked)
    return [
        Row(
            one.pk,
            one.import_id,
            is_selected=one.is_selected,
            name=f"#{room.name or room.import_ids[0]}",
            details=tuple(filter(None, (room.topic or room.description,))),
            marks=_room_marks(room),
            members=len(room.members),
            messages=one.message_count,
            preview=label_planned(planned[one.pk], is_linked=is_linked)
            if one.pk in planned
            else label_room_preview(preview, target, is_selected=one.is_selected),
        )
        for one, room, preview, target in zip(
            staged, rooms.values(), previews, targets, strict=True
        )
    ]


def _room_marks(room: ChannelRecord) -> tuple[Any, ...]:
    archived = (_("archived"),) if room.is_archived else ()
    return (TRAIT_LABELS["private" if room.type == "p" else "public"], *archived)


def _targets(previews: Sequence[Preview], page: str, *, is_linked: bool) -> list[str]:
    """Return the matching users or rooms, as links if the viewer may open them."""
    targets = []
    for one in previews:
        match = one.privileged
        pk = one.target_id if match is None else match.user.pk
        name = one.target_name if match is None else str(match.user)
        page_of_target = is_linked and pk is not None
        address = reverse(f"admin:{page}_change", args=[pk]) if page_of_target else ""
        targets.append(link(address, name) if address else name)
    return targets
