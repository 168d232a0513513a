"""Page that previews and starts the undo of an import."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from config.admin.formatting import format_number
from imports_app.admin.base import AdminPages, actor_of
from imports_app.admin.labels import count_label, kind_label
from imports_app.admin.links import page_of
from imports_app.engine.undo.preview import UndoPreview
from imports_app.models import ImportOperation
from imports_app.services.undo import preview_of, start_undo, why_not_undoable
from imports_app.transitions import Actor


@dataclass(frozen=True, slots=True)
class UndoRow:
    """Row of the preview: numbers of one kind."""

    name: str
    removed: str
    restored: str
    kept: str


@dataclass(frozen=True, slots=True)
class KeptGroup:
    """Rows that an undo keeps for one reason."""

    number: str
    message: str


class UndoPages(AdminPages):
    """Page behind the button "Undo import"."""

    @action(
        description=_("Undo import"),
        url_path="undo",
        icon="undo",
        permissions=("run",),
    )
    def undo_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Preview the undo and ask for confirmation, then start it.

        The page of an undo continues it.
        """

        def undo(
            operation: ImportOperation, may_replace: Collection[int]
        ) -> ImportOperation:
            return start_undo(
                operation=operation, actor=actor_of(request), may_replace=may_replace
            )

        operation = get_object_or_404(
            ImportOperation.objects.select_related("parent"), pk=object_id
        )
        if operation.is_undo and operation.parent is not None:
            operation = operation.parent
        if reason := why_not_undoable(operation):
            messages.warning(request, reason)
            return HttpResponseRedirect(page_of(operation))
        return self.confirm(
            request,
            operation,
            undo,
            is_possible=True,
            title=_("Undo import"),
            question=_(
                "This removes what the import created and restores what it changed. It"
                " runs as a separate operation, which you can cancel and continue."
            ),
            done=_("Undo started."),
            replaces=True,
            template="undo/undo.html",
            preview=partial(_preview, operation, actor_of(request)),
        )


@dataclass(frozen=True, slots=True)
class ShownPreview:
    """Preview as the page shows it."""

    rows: list[UndoRow]
    kept: list[KeptGroup]
    unchecked: list[str]
    """Numbers of rows for which there was no time, by kind."""


def _preview(operation: ImportOperation, actor: Actor) -> ShownPreview:
    preview = preview_of(operation=operation, actor=actor)
    unchecked = [count_label(*one) for one in preview.unchecked.items()]
    return ShownPreview(_rows(preview), _kept(preview), unchecked)


def _rows(preview: UndoPreview) -> list[UndoRow]:
    return [
        UndoRow(kind_label(kind), *map(format_number, numbers))
        for kind, *numbers in preview.rows
    ]


def _kept(preview: UndoPreview) -> list[KeptGroup]:
    return [
        KeptGroup(count_label(kind, number), reason.message)
        for (kind, reason), number in preview.kept.most_common()
    ]
