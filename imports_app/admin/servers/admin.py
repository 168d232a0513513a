"""Admin of connected servers: list, form, check."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from accounts.admin.reauthentication import ReauthenticatedAdmin
from accounts.permission_names import PermissionName
from accounts.services.activity import author_of
from config.admin.empty_states import EmptyState
from config.admin.formatting import format_time, link, truncated
from imports_app.admin.mattermost.links import imports_page
from imports_app.admin.servers.forms import ServerForm
from imports_app.models import Server, ServerPoll
from imports_app.services.outgoing.checks import check_server
from imports_app.services.outgoing.servers import delete_server, save_server

_PROBLEMS: Final = {
    "remote-token-refused": _("token refused"),
    "remote-permission-missing": _("permission missing"),
    "remote-odd-answer": _("unexpected response"),
    "mirror-full": _("too many copied imports"),
}
"""Failures of polls by code; others are about the connection."""
COLORS: Final = {
    "problem": "danger",
    "ok": "success",
    "disabled": "",
    "new": "warning",
}


@admin.register(Server)
class ServerAdmin(ReauthenticatedAdmin):
    """Connected servers."""

    view_permission = PermissionName.MANAGE_CONNECTED_SERVERS
    add_permission = PermissionName.MANAGE_CONNECTED_SERVERS
    change_permission = PermissionName.MANAGE_CONNECTED_SERVERS
    delete_permission = PermissionName.MANAGE_CONNECTED_SERVERS
    reauthenticated_acts = frozenset({"add", "change", "delete"})

    empty_state = EmptyState(
        "hub",
        _("No connected servers yet"),
        _(
            "Connect a Rocket.Chat server to see all its imports here and to deliver"
            " rooms and messages to it."
        ),
    )
    form = ServerForm
    list_display = ("label", "state", "current", "last_check", "last_poll")
    list_select_related = ("poll",)
    search_fields = ("name",)
    search_help_text = _("Search by name")
    actions = ()
    actions_detail = ("check_page",)
    readonly_fields = ("last_check", "version", "finding_list", "mirror")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return the fields; a new server has no results yet."""
        entered = (
            *("name", "kind", "base_address", "user_id", "token_value", "is_enabled"),
        )
        fieldsets: list[Any] = [(None, {"fields": entered})]
        if obj is not None:
            results = ("last_check", "version", "finding_list")
            fieldsets.append((_("Last check"), {"fields": results}))
            fieldsets.append((_("Imports of that server"), {"fields": ("mirror",)}))
        return fieldsets

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Return no actions: servers are deleted one by one."""
        return {}

    def save_model(self, request: Any, obj: Server, form: Any, change: bool) -> None:
        """Store the server."""
        token = form.cleaned_data.get("token_value", "")
        save_server(obj, token=token, by=author_of(request))

    def delete_model(self, request: HttpRequest, obj: Server) -> None:
        """Delete the server."""
        delete_server(obj, by=author_of(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Server]) -> None:
        """Delete the servers."""
        for server in queryset:
            delete_server(server, by=author_of(request))

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[str, int], set[str], list[str]]:
        """List the servers; their mirrored imports are deleted with them."""
        names = [str(server) for server in objs]
        numbers = {str(self.opts.verbose_name_plural): len(names)}
        mirrored = sum(server.operations.count() for server in objs)
        if mirrored:
            numbers[str(_("imports of other servers"))] = mirrored
        may_delete = self.has_delete_permission(request)
        kept = set() if may_delete else {str(self.opts.verbose_name)}
        return names, numbers, kept, []

    def has_check_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Return whether the user may check servers."""
        return self.has_change_permission(request)

    @action(
        description=_("Check server"),
        url_path="check",
        icon="network_check",
        permissions=("check",),
    )
    def check_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Ask for confirmation, then check the server and show the findings."""
        server = get_object_or_404(Server, pk=object_id)
        page = reverse("admin:imports_app_server_change", args=[server.pk])
        if request.method != "POST":
            return self.ask(
                request,
                title=_("Check server"),
                subject=server,
                question=_(
                    "This server connects to the other server and checks its version,"
                    " the token with its permissions, and the limits. This can take up"
                    " to a minute. No import is started there."
                ),
                page=page,
            )
        check_server(server)
        if server.has_problems:
            messages.warning(request, _("The check found problems."))
        else:
            messages.success(request, _("The check is complete."))
        return HttpResponseRedirect(page)

    @display(description=_("server"), header=True)
    def label(self, server: Server) -> tuple[str, str]:
        """Return the name, and below it the product and the address."""
        return server.name, truncated(
            f"{server.get_kind_display()}, {server.base_address}"
        )

    @display(description=_("state"), label=COLORS)
    def state(self, server: Server) -> tuple[str, Any]:
        """Return the state as a badge."""
        return state_of(server)

    @display(description=_("imports"))
    def current(self, server: Server) -> str:
        """Return a link to the mirrored imports."""
        if server.kind == Server.Kind.MATTERMOST:
            return link(imports_page(server.name), _("View imports"))
        poll = ServerPoll.of(server)
        is_active = poll is not None and poll.is_active
        text = _("In progress") if is_active else _("View imports")
        list_page = reverse("admin:imports_app_mirroredoperation_changelist")
        return link(f"{list_page}?server={server.name}", text)

    @display(description=_("last check"), ordering="checked_at")
    def last_check(self, server: Server) -> str:
        """Return the time of the last check."""
        return format_time(server.checked_at, missing=str(_("never")))

    @display(description=_("last poll"))
    def last_poll(self, server: Server) -> str:
        """Return the time of the last successful poll."""
        poll = ServerPoll.of(server)
        return format_time(None if poll is None else poll.polled_at)

    @display(description=_("findings"))
    def finding_list(self, server: Server) -> str:
        """Return what the last check found."""
        return render_to_string(
            "imports_app/admin/servers/findings.html", {"findings": server.findings}
        )

    @display(description=_("copied imports"))
    def mirror(self, server: Server) -> str:
        """Return when the server was polled, what failed, and gaps."""
        if server.kind == Server.Kind.MATTERMOST:
            return link(imports_page(server.name), _("View imports into Mattermost"))
        context = {
            "poll": ServerPoll.of(server),
            "number": server.operations.count(),
            "gaps": server.gaps.all()[:10],
            "page": reverse("admin:imports_app_mirroredoperation_changelist")
            + f"?server={server.name}",
            "last_poll": self.last_poll(server),
        }
        return render_to_string("imports_app/admin/servers/mirror.html", context)


def state_of(server: Server) -> tuple[str, Any]:
    """Return the state of a server: its color's key and its name."""
    poll = ServerPoll.of(server)
    if not server.is_enabled:
        return "disabled", _("disabled")
    if poll is not None and poll.error:
        return "problem", _PROBLEMS.get(poll.error_code, _("not reachable"))
    if server.has_problems:
        return "problem", _("problems")
    if server.checked_at is None and (poll is None or poll.polled_at is None):
        return "new", _("not checked")
    return "ok", _("connected")
