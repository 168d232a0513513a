"""Base classes of admin pages with permission checks and error messages."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.admin import ShowFacets
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.views.main import ALL_VAR, SEARCH_VAR
from django.db import transaction
from django.db.models import DateTimeField, Model, QuerySet
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseRedirect,
)
from django.template.response import TemplateResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin, TabularInline

from config.admin.empty_states import EmptyState, empty_state_of
from config.admin.formatting import format_time_text
from config.admin.lookups import (
    MAX_SEARCH_LENGTH,
    MAX_SEARCH_WORDS,
    check_addresses,
    is_key,
    is_lookup_value,
    is_searchable,
    parameters_of,
    parameters_of_dates,
)
from config.errors import DomainError


class _Guarded:
    """Permission checks of admin classes, based on the user's roles.

    Read-only dates and times are formatted like those in lists.

    Every action also requires the permission to view the rows. An action without a
    declared permission is denied.
    """

    view_permission: ClassVar[str]
    add_permission: ClassVar[str | None] = None
    change_permission: ClassVar[str | None] = None
    delete_permission: ClassVar[str | None] = None
    model: type[Model]

    @property
    def readonly_preprocess_fields(self) -> dict[str, Callable[[str], str]]:
        """Return the formatters of read-only columns for the theme."""
        columns = self.model._meta.concrete_fields
        times = (column for column in columns if isinstance(column, DateTimeField))
        return {column.name: format_time_text for column in times}

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the user may view the rows."""
        return request.user.has_perm(self.view_permission)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Return whether the index lists the model."""
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the user may add rows."""
        return self.allows(request, self.add_permission)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the user may change rows."""
        return self.allows(request, self.change_permission)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the user may delete rows."""
        return self.allows(request, self.delete_permission)

    def allows(self, request: HttpRequest, permission: str | None) -> bool:
        """Return whether the user may view the rows and holds the permission."""
        return (
            permission is not None
            and self.has_view_permission(request)
            and request.user.has_perm(permission)
        )


class GuardedAdmin(_Guarded, ModelAdmin):
    """Base class of model admins.

    Lists accept declared parameters only: `list_filter`, `date_hierarchy` and
    `link_lookups`. Django itself accepts every lookup on the model's columns, which
    reveals values that no column shows.
    """

    link_lookups: ClassVar[frozenset[str]] = frozenset()
    """Parameters without a visible filter, for links from other pages."""

    empty_state: ClassVar[EmptyState]
    """Text of the empty list, if it is neither searched nor filtered."""
    plural: ClassVar[Any] = ""
    """Name of the rows, if it is not the model's name."""

    # Unfold's templates look these up, and a failed lookup lists all attributes.
    list_sections: ClassVar[tuple[Any, ...]] = ()
    conditional_fields: ClassVar[dict[str, str]] = {}

    show_facets = ShowFacets.NEVER  # facets count whole tables
    list_fullwidth = True
    list_per_page = 25
    list_filter_submit = True
    warn_unsaved_form = True

    @property
    def urls(self) -> list[Any]:
        """Return the URL patterns. Each rejects invalid query parameters."""
        return check_addresses(self.get_urls())

    def lookup_allowed(
        self, lookup: str, value: Any, request: HttpRequest | None = None
    ) -> bool:
        """Return whether the list may be filtered by a query parameter."""
        filters = self.list_filter if request is None else self.get_list_filter(request)
        declared = {
            *parameters_of(filters),
            *parameters_of_dates(self.date_hierarchy),
            *self.link_lookups,
        }
        return lookup in declared and is_lookup_value(lookup, value)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Return the search results; none for a search that is too long."""
        if not is_searchable(search_term):
            return queryset.none(), False
        found: tuple[QuerySet[Any], bool] = super().get_search_results(
            request, queryset, search_term
        )
        return found

    def changeform_view(self, request: HttpRequest, *args: Any, **kw: Any) -> Any:
        """Show or save an object. A `DomainError` becomes a message."""
        try:
            return super().changeform_view(request, *args, **kw)
        except DomainError as error:
            return _show_error(request, error)

    def delete_view(self, request: HttpRequest, *args: Any, **kw: Any) -> Any:
        """Delete an object. A `DomainError` becomes a message."""
        try:
            return super().delete_view(request, *args, **kw)
        except DomainError as error:
            return _show_error(request, error)

    def title_of(self, obj: Any) -> str:
        """Return the name of an object in breadcrumbs and titles."""
        return str(obj)

    def ask(
        self,
        request: HttpRequest,
        *,
        title: Any,
        subject: Any,
        question: Any,
        page: str,
    ) -> HttpResponse:
        """Ask for confirmation of an action on an object; the form posts to this URL.

        Args:
            request: The request.
            title: Title of the page and label of the button.
            subject: The object.
            question: Explains the consequences.
            page: URL of the page to go back to.
        """
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            "subject": subject,
            "name": self.title_of(subject),
            "question": question,
            "page": page,
        }
        return TemplateResponse(request, "admin/confirm.html", context)

    def get_empty_state(self, request: HttpRequest) -> EmptyState:
        """Return the text of the empty list."""
        return self.empty_state

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Return the list, with the name of its rows as title."""
        changelist = super().get_changelist_instance(request)
        changelist.title = capfirst(str(self.opts.verbose_name_plural))
        # Called by the template of an empty list, which does not get the request.
        changelist.empty_state = partial(empty_state_of, changelist, request)
        return changelist

    def changelist_view(self, request: HttpRequest, *args: Any, **kw: Any) -> Any:
        """List objects or run an action. A `DomainError` undoes it and is shown."""
        _drop_unusable_search(request)
        if request.method != "POST":
            _forget_blanks(request)
            return super().changelist_view(request, *args, **kw)
        if not all(map(is_key, request.POST.getlist(ACTION_CHECKBOX_NAME))):
            return HttpResponseBadRequest(_("The selection is not valid."))
        try:
            with transaction.atomic():
                return super().changelist_view(request, *args, **kw)
        except DomainError as error:
            return _show_error(request, error)


class GuardedInline(_Guarded, TabularInline):
    """Rows on the page of another model."""

    extra = 0
    hide_title = True


def _forget_blanks(request: HttpRequest) -> None:
    """Remove empty filters, which forms send without JavaScript."""
    query = request.GET.copy()
    for name in [name for name, value in request.GET.items() if not value]:
        if name != ALL_VAR:
            del query[name]
    request.GET = query  # type: ignore[assignment] # a copy is mutable


def _drop_unusable_search(request: HttpRequest) -> None:
    """Remove a search that is too long, with an error message."""
    if is_searchable(request.GET.get(SEARCH_VAR, "")):
        return
    text = _(
        "The search is too long. Use at most %(words)d words and %(length)d characters."
    )
    limits = {"words": MAX_SEARCH_WORDS, "length": MAX_SEARCH_LENGTH}
    messages.error(request, text % limits)
    query = request.GET.copy()
    del query[SEARCH_VAR]
    request.GET = query  # type: ignore[assignment] # a copy is mutable


def _show_error(request: HttpRequest, error: DomainError) -> HttpResponse:
    messages.error(request, error.message)
    return HttpResponseRedirect(request.get_full_path())
