"""What pages of our own share: the frame around them, and questions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from accounts.permission_names import PermissionName
from config.admin.base import GuardedAdmin
from config.errors import DomainError
from config.http.client_addresses import client_address
from imports_app.admin.links import page_of
from imports_app.models import ImportOperation
from imports_app.transitions import Actor


class AdminPages(GuardedAdmin):
    """Pages that are neither a list nor a form of a row."""

    def show(
        self, request: HttpRequest, template: str, title: Any, **context: Any
    ) -> HttpResponse:
        """Return a page of `imports_app/admin/`, in the admin's frame."""
        everything = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            **context,
        }
        return TemplateResponse(request, f"imports_app/admin/{template}", everything)

    def require_view(self, request: HttpRequest) -> None:
        """Let nobody change anything, and only those look who may.

        Raises:
            PermissionDenied: The request is no look, or not theirs.
        """
        is_look = request.method in {"GET", "HEAD"}
        if not is_look or not self.has_view_permission(request):
            raise PermissionDenied

    def has_run_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Tell whether the user may run imports, whatever state this one is in."""
        return self.allows(request, PermissionName.RUN_IMPORT)

    def redirect_stale(
        self, request: HttpRequest, operation: ImportOperation
    ) -> HttpResponse:
        """Lead whoever comes too late to what became of the operation meanwhile."""
        messages.warning(
            request, _("That is not possible any more. Here is how it stands now.")
        )
        return HttpResponseRedirect(page_of(operation))

    def ask(
        self,
        request: HttpRequest,
        operation: ImportOperation,
        act: Callable[[ImportOperation], ImportOperation],
        *,
        is_possible: bool,
        title: Any,
        question: Any,
        done: Any = None,
    ) -> HttpResponse:
        """Show a question about an operation; act on the answer.

        Args:
            request: GET for the question, POST for yes.
            operation: What it is about.
            act: Acts, and returns the operation whose page comes next.
            is_possible: Whether the operation's state allows it.
            title: What the button says.
            question: What happens then.
            done: What is said afterwards, if anything.
        """
        if not is_possible:
            return self.redirect_stale(request, operation)
        if request.method != "POST":
            return self.show(
                request,
                "confirm.html",
                title,
                question=question,
                operation=operation,
                operation_page=page_of(operation),
            )
        try:
            operation = act(operation)
        except DomainError as error:
            messages.error(request, error.message)
        else:
            if done is not None:
                messages.success(request, done)
        return HttpResponseRedirect(page_of(operation))


def actor_of(request: HttpRequest) -> Actor:
    """Return who is logged in."""
    user: Any = request.user
    return Actor(user, address=client_address(request))
