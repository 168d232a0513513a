"""Endpoints of connected servers."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from accounts.permission_names import PermissionName
from accounts.services.activity import author_of
from config.api.envelope import success
from config.api.input.params import read_params
from config.api.views import ApiView
from imports_app.api.outgoing import server_wire as wire
from imports_app.api.outgoing.schema import servers as schema
from imports_app.api.outgoing.server_params import NewServer, ServerChange
from imports_app.models import Server
from imports_app.services.outgoing.checks import check_server
from imports_app.services.outgoing.servers import (
    delete_server,
    find_server,
    save_server,
)

_COLUMNS = {
    "name": "name",
    "address": "base_address",
    "user_id": "user_id",
    "kind": "kind",
    "enabled": "is_enabled",
}


def _store(server: Server, given: dict[str, Any], request: Request) -> HttpResponse:
    """Set the given values, store the server and return it."""
    for name, column in _COLUMNS.items():
        if name in given:
            setattr(server, column, given[name])
    token = given.get("token", "")
    save_server(server, token=token, by=author_of(request))
    return success({"server": wire.server(server)})


class ServersView(ApiView):
    """GET and POST servers."""

    required_permission = PermissionName.MANAGE_CONNECTED_SERVERS
    body_params = NewServer

    @schema.describe_list
    def get(self, request: Request) -> HttpResponse:
        """Return all servers, by name."""
        servers = Server.objects.select_related("poll")
        return success({"servers": [wire.server(one) for one in servers]})

    @schema.describe_create
    def post(self, request: Request) -> HttpResponse:
        """Connect a server and return it."""
        return _store(Server(), self.body, request)


class ServerView(ApiView):
    """GET, PUT and DELETE servers/{name}."""

    required_permission = PermissionName.MANAGE_CONNECTED_SERVERS

    @schema.describe_details
    def get(self, request: Request, name: str) -> HttpResponse:
        """Return the server."""
        return success({"server": wire.server(find_server(name))})

    @schema.describe_change
    def put(self, request: Request, name: str) -> HttpResponse:
        """Change the server and return it."""
        given = read_params(ServerChange, self.read_body(request))
        return _store(find_server(name), given, request)

    @schema.describe_delete
    def delete(self, request: Request, name: str) -> HttpResponse:
        """Delete the server with its mirrored operations."""
        delete_server(find_server(name), by=author_of(request))
        return success()


class CheckServerView(ApiView):
    """POST servers/{name}/check."""

    required_permission = PermissionName.MANAGE_CONNECTED_SERVERS

    @schema.describe_check
    def post(self, request: Request, name: str) -> HttpResponse:
        """Check the server and return it with the findings."""
        server = find_server(name)
        check_server(server)
        return success({"server": wire.server(server)})
