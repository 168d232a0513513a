"""Endpoints that list and show import operations."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from rest_framework.request import Request

from accounts.api.callers import credentials_of
from accounts.permission_names import PermissionName
from config.api.envelope import success
from config.api.errors import InvalidParamsError
from config.api.input.params import read_params, reject_unknown
from config.api.views import ApiView
from config.api.wire import JSONDict
from config.server.event_streams import EventStream
from imports_app.api import wire
from imports_app.api.cached_bodies import CachedBody
from imports_app.api.operation_rows import (
    OperationRow,
    latest_operations,
    latest_version,
)
from imports_app.api.pages import read_page
from imports_app.api.params import (
    MirroredFilter,
    OperationFilter,
    PagingParams,
    filter_problem,
)
from imports_app.api.schema import history as schema
from imports_app.api.views.base import CachedView, PolledView
from imports_app.api.waiting.events import next_events
from imports_app.api.waiting.versions import token_topic_of, topic_of
from imports_app.health.progress import get_progress, is_stalled
from imports_app.models import ImportOperation, MirroredOperation
from imports_app.services.outgoing.errors import ServerNotFoundError
from imports_app.services.outgoing.servers import find_server

SERVER: Final = "server"
"""Parameter with the name of a connected server."""
_LONGEST_EVENT_ID: Final = 18


def _latest_document(rows: list[OperationRow]) -> list[JSONDict]:
    return [wire.operation(row) for row in rows]


class GetLatestImportOperationsView(CachedView):
    """GET getLatestImportOperations: the newest operations as a bare list."""

    required_permission = PermissionName.VIEW_IMPORT_OPERATIONS
    version = staticmethod(latest_version)
    cached_body = CachedBody(latest_operations, _latest_document)

    @schema.describe_latest
    def get(self, request: Request) -> HttpResponse:
        """Return the list."""
        return self.respond(request)


class ImportOperationsView(PolledView):
    """GET importOperations: a filtered and paginated list of all operations."""

    required_permission = PermissionName.VIEW_IMPORT_OPERATIONS

    def parse_query(self, query: QueryDict) -> dict[str, Any]:
        """Return the pagination parameters and the filtered operations."""
        paging_names = PagingParams().fields
        known = {*paging_names, *OperationFilter.base_filters, SERVER}
        reject_unknown(query, known=known)
        given = {name: query[name] for name in query if name in paging_names}
        for name in query:
            if not query[name]:
                raise InvalidParamsError(f"{name}: must not be empty; omit it")
        filters = self._filters(query)
        if (problem := filter_problem(filters)) is not None:
            raise InvalidParamsError(problem)
        return {"operations": filters.qs, **read_params(PagingParams, given)}

    def _filters(self, query: QueryDict) -> OperationFilter:
        """Return the filters on this server's operations, or on another server's."""
        if SERVER not in query:
            own = ImportOperation.objects.without_large_fields()
            return OperationFilter(query, queryset=own)
        self.topics = ()  # the mirror wakes no waiting request
        try:
            server = find_server(str(query[SERVER]))
        except ServerNotFoundError as error:
            raise InvalidParamsError(f"{SERVER}: {error.message}") from error
        mirrored = MirroredOperation.objects.of_server(server.name)
        return MirroredFilter(query, queryset=mirrored.without_large_fields())

    @schema.describe_list
    def get(self, request: Request) -> HttpResponse:
        """Return one page."""
        page = read_page(**self.params)
        self.check_version(request, page.version)
        operations = [wire.operation(operation) for operation in page.operations]
        return success({"operations": operations, "cursor": page.cursor})


class ImportOperationView(PolledView):
    """GET importOperations/{id}: an operation with its progress and timeline."""

    required_permission = PermissionName.VIEW_IMPORT_OPERATIONS

    @schema.describe_details
    def get(self, request: Request, public_id: str) -> HttpResponse:
        """Return the operation."""
        operation = get_object_or_404(
            ImportOperation.objects.with_parent(), public_id=public_id
        )
        self.note_running(operation)
        self.topics = (topic_of(operation),)
        stalled = " stalled" if is_stalled(operation) else ""
        self.check_version(request, f"{operation.pk}.{operation.revision}{stalled}")
        progress = get_progress(operation)
        events = operation.events.in_order()
        document = wire.operation_details(operation, progress, events)
        return success({"operation": document})


class _EventsView(ApiView):
    """View of a stream of events."""

    required_permission = PermissionName.VIEW_IMPORT_OPERATIONS

    def respond(
        self, request: Request, operation: ImportOperation | None
    ) -> EventStream:
        """Return the beginning of the stream of an operation, or of all."""
        page = next_events(operation, _last_event_id(request))
        return EventStream(
            page.content,
            position=page.position,
            channel="" if operation is None else operation.public_id,
            caller=str(request.user.pk),
            rights=token_topic_of(credentials_of(request).token_id),
        )


def _last_event_id(request: Request) -> int | None:
    text = request.META.get("HTTP_LAST_EVENT_ID")
    if text is None:
        return None
    if text.isascii() and text.isdecimal() and len(text) <= _LONGEST_EVENT_ID:
        return int(text)
    raise InvalidParamsError("Last-Event-ID: must be the ID of an event")


class ImportOperationsEventsView(_EventsView):
    """GET importOperations/events: the events of all operations as they occur."""

    @schema.describe_all_events
    def get(self, request: Request) -> HttpResponse:
        """Return the beginning of the stream."""
        return self.respond(request, None)


class ImportOperationEventsView(_EventsView):
    """GET importOperations/{id}/events: the events of one operation."""

    @schema.describe_events
    def get(self, request: Request, public_id: str) -> HttpResponse:
        """Return the beginning of the stream."""
        operation = get_object_or_404(
            ImportOperation.objects.without_large_fields(), public_id=public_id
        )
        return self.respond(request, operation)
