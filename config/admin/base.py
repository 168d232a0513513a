"""The base of our admin pages: permissions by name, and expected failures told."""

from __future__ import annotations

from collections.abc import Callable
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
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin, TabularInline

from config.admin.formatting import moment_of_text
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
    """A model's pages.

    A list filters by its declared parameters only: its `list_filter`, its
    `date_hierarchy` and its `link_lookups`. Django itself accepts every look-up on the
    model's own columns, and so answers questions about values that no column shows.
    """

    link_lookups: ClassVar[frozenset[str]] = frozenset()
    """Parameters without a visible filter, which links of other pages use."""

    show_facets = ShowFacets.NEVER  # counts of whole tables on request
    list_fullwidth = True
    list_per_page = 25
    list_filter_submit = True
    warn_unsaved_form = True

    @property
    def urls(self) -> list[Any]:
        """Return the routes; each refuses an address that no page makes."""
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
        """Find nothing by a search that is too long, here and in select fields."""
        if not is_searchable(search_term):
            return queryset.none(), False
        found: tuple[QuerySet[Any], bool] = super().get_search_results(
            request, queryset, search_term
        )
        return found

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

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Return the list, titled by what it lists instead of by an instruction."""
        changelist = super().get_changelist_instance(request)
        changelist.title = capfirst(str(self.opts.verbose_name_plural))
        return changelist

    def changelist_view(self, request: HttpRequest, *args: Any, **kw: Any) -> Any:
        """List the rows or act on them; an expected failure undoes it and is told."""
        _drop_unusable_search(request)
        if request.method != "POST":
            _forget_blanks(request)
            return super().changelist_view(request, *args, **kw)
        if not all(map(is_key, request.POST.getlist(ACTION_CHECKBOX_NAME))):
            return HttpResponseBadRequest(_("A selected row is not valid."))
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


def _drop_unusable_search(request: HttpRequest) -> None:
    """Run no search of more words than a person types; say so."""
    if is_searchable(request.GET.get(SEARCH_VAR, "")):
        return
    text = _(
        "The search is too long. Use at most %(words)d words, %(length)d characters."
    )
    limits = {"words": MAX_SEARCH_WORDS, "length": MAX_SEARCH_LENGTH}
    messages.error(request, text % limits)
    query = request.GET.copy()
    del query[SEARCH_VAR]
    request.GET = query  # type: ignore[assignment] # a copy is mutable


def _tell(request: HttpRequest, error: DomainError) -> HttpResponse:
    messages.error(request, error.message)
    return HttpResponseRedirect(request.get_full_path())
