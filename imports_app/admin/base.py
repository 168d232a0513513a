"""Base of custom admin pages: rendering, permission checks, confirmation."""

from __future__ import annotations

from collections.abc import Callable, Collection
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
from imports_app.admin.columns import operation_name
from imports_app.admin.links import page_of
from imports_app.admin.new_import.active_import import (
    ReplacingForm,
    active_import_notice,
)
from imports_app.models import ImportOperation
from imports_app.transitions import Actor


class AdminPages(GuardedAdmin):
    """Custom pages that are neither a change list nor a change form."""

    def show(
        self, request: HttpRequest, template: str, title: Any, **context: Any
    ) -> HttpResponse:
        """Render a template of `imports_app/admin/` with the context of the admin site.

        The breadcrumbs name the `subject` of the page, or else its `operation`.
        """
        full_context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            "subject": context.get("operation"),
            **context,
        }
        return TemplateResponse(request, f"imports_app/admin/{template}", full_context)

    def require_view(self, request: HttpRequest) -> None:
        """Require a read request of a user with the view permission.

        Raises:
            PermissionDenied: The method is not GET or HEAD, or the permission is
                missing.
        """
        is_read = request.method in {"GET", "HEAD"}
        if not is_read or not self.has_view_permission(request):
            raise PermissionDenied

    def has_run_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Return whether the user may run imports, regardless of this one's state."""
        return self.allows(request, PermissionName.RUN_IMPORT)

    def redirect_stale(
        self, request: HttpRequest, operation: ImportOperation
    ) -> HttpResponse:
        """Redirect to the operation's current state after a stale action."""
        messages.warning(
            request,
            _("The import has changed in the meantime. This is its current state."),
        )
        return HttpResponseRedirect(page_of(operation))

    def confirm(
        self,
        request: HttpRequest,
        operation: ImportOperation,
        act: Callable[[ImportOperation, Collection[int]], ImportOperation],
        *,
        is_possible: bool,
        title: Any,
        question: Any,
        done: Any = None,
        replaces: bool = False,
        template: str = "confirm.html",
        **context: Any,
    ) -> HttpResponse:
        """Ask for confirmation, then act on an operation.

        Args:
            request: GET shows the question, POST acts.
            operation: The operation to act on.
            act: Acts, and returns the operation to redirect to. It also gets the keys
                of active imports that the user agreed to cancel.
            is_possible: Whether the operation's state allows the action.
            title: Title of the page and label of the button.
            question: Explains the consequences.
            done: Success message, if any.
            replaces: Whether the action cancels the active import, which the page then
                names.
            template: Template of the question.
            context: Additional context of the template.
        """
        if not is_possible:
            return self.redirect_stale(request, operation)
        form = ReplacingForm.of_request(request, replaces=replaces)
        if request.method != "POST" or not form.is_valid():
            return self.show(
                request,
                template,
                title,
                question=question,
                operation=operation,
                page=page_of(operation),
                name=operation_name(operation),
                form=form,
                **active_import_notice(form.in_progress),
                **context,
            )
        try:
            operation = act(operation, form.may_replace)
        except DomainError as error:
            messages.error(request, error.message)
        else:
            if done is not None:
                messages.success(request, done)
        return HttpResponseRedirect(page_of(operation))


def actor_of(request: HttpRequest) -> Actor:
    """Return the logged-in user as an actor."""
    user: Any = request.user
    return Actor(user, address=client_address(request))
