"""The base of our admin pages: permissions by name, and expected failures told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.admin.views.main import ALL_VAR
from django.db import transaction
from django.db.models import DateTimeField, Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from unfold.admin import ModelAdmin, TabularInline

from config.admin_cells import moment_of_text
from config.errors import DomainError


class _Guarded:
    """Answers Django's questions from the permissions of the user's roles.

    Dates and times that are only shown are moments, like those in lists.

    Whatever one may do, one has to see the rows for it. An action without a permission
    of its own is closed to everybody.
    """

    view_permission: ClassVar[str]
    add_permission: ClassVar[str | None] = None
    change_permission: ClassVar[str | None] = None
    delete_permission: ClassVar[str | None] = None
    model: type[Model]

    @property
    def readonly_preprocess_fields(self) -> dict[str, Callable[[str], str]]:
        """Say what the theme does to texts of columns that are only shown."""
        columns = self.model._meta.concrete_fields
        times = (column for column in columns if isinstance(column, DateTimeField))
        return {column.name: moment_of_text for column in times}

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Tell whether the user may see the rows."""
        return request.user.has_perm(self.view_permission)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Tell whether the index lists the model."""
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Tell whether the user may add rows."""
        return self.allows(request, self.add_permission)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Tell whether the user may change rows."""
        return self.allows(request, self.change_permission)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Tell whether the user may delete rows."""
        return self.allows(request, self.delete_permission)

    def allows(self, request: HttpRequest, permission: str | None) -> bool:
        """Tell whether the user sees the rows and holds the permission as well."""
        return (
            permission is not None
            and self.has_view_permission(request)
            and request.user.has_perm(permission)
        )


class GuardedAdmin(_Guarded, ModelAdmin):
    """A model's pages."""

    list_fullwidth = True
    list_per_page = 25
    list_filter_submit = True
    warn_unsaved_form = True

    def changeform_view(self, request: HttpRequest, *args: Any, **kw: Any) -> Any:
        """Show or save a row; an expected failure undoes the change and is told."""
        try:
            return super().changeform_view(request, *args, **kw)
        except DomainError as error:
            return _tell(request, error)

    def delete_view(self, request: HttpRequest, *args: Any, **kw: Any) -> Any:
        """Delete a row; an expected failure undoes it and is told."""
        try:
            return super().delete_view(request, *args, **kw)
        except DomainError as error:
            return _tell(request, error)

    def changelist_view(self, request: HttpRequest, *args: Any, **kw: Any) -> Any:
        """List the rows or act on them; an expected failure undoes it and is told."""
        if request.method != "POST":
            _forget_blanks(request)
            return super().changelist_view(request, *args, **kw)
        try:
            with transaction.atomic():
                return super().changelist_view(request, *args, **kw)
        except DomainError as error:
            return _tell(request, error)


class GuardedInline(_Guarded, TabularInline):
    """Rows on the page of another model."""

    extra = 0
    hide_title = True


def _forget_blanks(request: HttpRequest) -> None:
    """Drop the filters that a form sends empty; scripts leave them out themselves."""
    query = request.GET.copy()
    for name in [name for name, value in request.GET.items() if not value]:
        if name != ALL_VAR:
            del query[name]
    request.GET = query  # type: ignore[assignment] # a copy is mutable


def _tell(request: HttpRequest, error: DomainError) -> HttpResponse:
    messages.error(request, error.message)
    return HttpResponseRedirect(request.get_full_path())
