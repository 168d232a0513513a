"""Endpoints for the corrections of an import."""

from __future__ import annotations

import re
from typing import Final

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from rest_framework.request import Request

from config.api.envelope import success
from config.api.errors import InvalidParamsError
from config.api.input.fields import Items, NamedParams, Number, Pattern, Text
from imports_app.api import record_documents, wire
from imports_app.api.actors import actor_of
from imports_app.api.params import MAX_COUNT
from imports_app.api.schema import corrections as schema
from imports_app.api.views.base import RunImportView
from imports_app.errors import CorrectionForbiddenError
from imports_app.models import ImportOperation
from imports_app.records import Kind
from imports_app.services.access_log import record_message_read
from imports_app.services.corrections.changes import correct_record, remove_correction
from imports_app.services.corrections.messages import (
    MessageFilter,
    list_messages,
    may_open,
)
from imports_app.services.corrections.records import find_record
from imports_app.services.corrections.rows import MAX_BYTES
from imports_app.services.review.plans import get_plan

_PLACE: Final = re.compile(r"([0-9]{1,9})-([0-9]{1,9})")
_ESCAPED: Final = 6
"""Bytes of JSON for a byte of text, at most."""


class CorrectionBody(NamedParams):
    """Body of PUT importOperations/{id}/records/{key}/correction."""

    cells = Items(child=Text(max_length=None), max_length=20)
    revision = Number()


class RevisionParams(NamedParams):
    """Query of DELETE importOperations/{id}/records/{key}/correction."""

    revision = Number(required=False)


class ImportOperationCorrectionView(RunImportView):
    """GET, PUT and DELETE importOperations/{id}/records/{key}/correction."""

    body_params = CorrectionBody
    query_params = RevisionParams

    @property
    def body_limit(self) -> int:
        """Maximum size of a correction in JSON, in bytes."""
        return MAX_BYTES * _ESCAPED

    @schema.describe_correction
    def get(self, request: Request, public_id: str, key: str) -> HttpResponse:
        """Return the original and the corrected values of a record."""
        operation = _operation(public_id)
        found = find_record(operation, key)
        if found is None:
            raise Http404
        actor = actor_of(request)
        if not may_open(found, actor.user):
            raise CorrectionForbiddenError.of_message()
        if found.record.kind == Kind.MESSAGE:
            record_message_read(operation, by=actor.author)
        return success({"correction": record_documents.correction(found)})

    @schema.describe_correct
    def put(self, request: Request, public_id: str, key: str) -> HttpResponse:
        """Correct a record."""
        body = self.parse_body(self.read_body(request))
        found = correct_record(
            operation=_operation(public_id),
            key=key,
            cells=body["cells"],
            revision=body["revision"],
            actor=actor_of(request),
        )
        return success({"correction": record_documents.correction(found)})

    @schema.describe_remove
    def delete(self, request: Request, public_id: str, key: str) -> HttpResponse:
        """Remove the correction of a record."""
        if "revision" not in self.params:
            raise InvalidParamsError("must have required property 'revision'")
        remove_correction(
            operation=_operation(public_id),
            key=key,
            revision=self.params["revision"],
            actor=actor_of(request),
        )
        return success({})


class PlannedMessageParams(NamedParams):
    """Filters and cursor of the list of messages that will fail."""

    room = Text(required=False, help_text="Import ID of the room.")
    guess = Text(
        required=False,
        help_text="Code of a guess: lists messages that depend on it instead.",
    )
    cursor = Pattern(
        _PLACE.pattern, required=False, help_text="The cursor of the previous response."
    )
    count = Number(
        default=50,
        min_value=1,
        max_value=MAX_COUNT,
        help_text="Maximum number of rows.",
    )


class ImportOperationPlanMessagesView(RunImportView):
    """GET importOperations/{id}/plan/messages."""

    query_params = PlannedMessageParams

    @schema.describe_messages
    def get(self, request: Request, public_id: str) -> HttpResponse:
        """Return one page of messages that will fail, or that depend on a guess."""
        operation = _operation(public_id)
        actor = actor_of(request)
        plan = get_plan(operation=operation, initiator=actor.public_id)
        messages, cursor = [], None
        if plan.is_complete:
            start = _PLACE.fullmatch(self.params.get("cursor", ""))
            page = list_messages(
                plan,
                MessageFilter(
                    self.params.get("room", ""), self.params.get("guess", "")
                ),
                start=(int(start[1]), int(start[2])) if start else (0, 0),
                limit=self.params["count"],
            )
            record_message_read(operation, by=actor.author)
            messages = [record_documents.listed_message(one) for one in page.messages]
            cursor = page.next and "{}-{}".format(*page.next)
        return success(
            {"plan": wire.plan(plan), "messages": messages, "cursor": cursor}
        )


def _operation(public_id: str) -> ImportOperation:
    return get_object_or_404(ImportOperation, public_id=public_id)
