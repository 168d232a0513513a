"""Query parameters of the import endpoints."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from config.api.input.fields import (
    LONGEST_JSON,
    NUL,
    Choice,
    NamedParams,
    Number,
    Text,
)
from config.api.input.params import not_listed
from imports_app.models import ImportOperation, MirroredOperation
from imports_app.querysets.operations import ImportOperationQuerySet
from imports_app.statuses import State, Status

ORDERINGS: Final = {
    "ts": "created_at",
    "importerKey": "importer_key",
    "type": "importer_name",
}
"""Fields for ordering; they never change, so that cursors stay valid."""
ORDERING_CHOICES: Final = tuple(sign + name for name in ORDERINGS for sign in ("", "-"))
MAX_COUNT: Final = 100
_BOOLEANS: Final = (("true", "true"), ("false", "false"))
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def from_epoch_ms(value: int) -> datetime:
    """Return the time of milliseconds since 1970.

    Raises:
        OverflowError: The value is out of range.
    """
    return _EPOCH + timedelta(milliseconds=value)


class MomentField(forms.CharField):
    """Form field for an ISO 8601 time or milliseconds since 1970."""

    def to_python(self, value: Any) -> Any:
        """Return an aware datetime; UTC if no offset is given."""
        text = super().to_python(value)
        if not text:
            return None
        try:
            if text.removeprefix("-").isdecimal():
                return from_epoch_ms(int(text))
            # A plus sign in a query string is decoded as a space.
            moment = parse_datetime(text.replace(" ", "+"))
            if moment is not None and timezone.is_naive(moment):
                moment = moment.replace(tzinfo=UTC)
            if moment is not None:
                return moment.astimezone(UTC)
        except (ValueError, OverflowError):
            pass
        msg = "must be an ISO 8601 time or milliseconds since 1970"
        raise ValidationError(msg)


class MomentFilter(django_filters.Filter):
    """Filter that compares with a time."""

    field_class = MomentField


class OperationFilter(django_filters.FilterSet):
    """Filters of importOperations, combined with AND.

    django-filter derives parameter names from attribute names, hence the camel case.
    """

    status = django_filters.ChoiceFilter(choices=Status.choices)
    state = django_filters.ChoiceFilter(choices=State.choices, method="filter_state")
    importerKey = django_filters.CharFilter(field_name="importer_key")  # noqa: N815
    user = django_filters.CharFilter(field_name="user_id")
    valid = django_filters.ChoiceFilter(choices=_BOOLEANS, method="filter_validity")
    hasErrors = django_filters.ChoiceFilter(  # noqa: N815
        choices=_BOOLEANS, method="filter_errors"
    )
    tsAfter = MomentFilter(field_name="created_at", lookup_expr="gte")  # noqa: N815
    tsBefore = MomentFilter(field_name="created_at", lookup_expr="lt")  # noqa: N815
    updatedAfter = MomentFilter(  # noqa: N815
        field_name="updated_at", lookup_expr="gte"
    )
    updatedBefore = MomentFilter(  # noqa: N815
        field_name="updated_at", lookup_expr="lt"
    )
    q = django_filters.CharFilter(field_name="file_name", lookup_expr="icontains")

    class Meta:
        model = ImportOperation
        fields: tuple[str, ...] = ()

    def filter_state(
        self, queryset: ImportOperationQuerySet, name: str, value: str
    ) -> QuerySet[ImportOperation]:
        """Keep operations in a state."""
        return queryset.in_state(State(value))

    def filter_validity(
        self, queryset: ImportOperationQuerySet, name: str, value: str
    ) -> QuerySet[ImportOperation]:
        """Keep valid or invalid operations."""
        return queryset.filter(is_valid=value == "true")

    def filter_errors(
        self, queryset: ImportOperationQuerySet, name: str, value: str
    ) -> QuerySet[ImportOperation]:
        """Keep operations with or without errors."""
        failed = queryset.with_errors().order_by().values("pk")
        if value == "true":
            return queryset.filter(pk__in=failed)
        return queryset.exclude(pk__in=failed)


class MirroredFilter(OperationFilter):
    """The same filters for operations of a connected server."""

    class Meta:
        model = MirroredOperation
        fields: tuple[str, ...] = ()


def filter_problem(filters: OperationFilter) -> str | None:
    """Return the first problem of the filters, if there is one."""
    for name, problems in filters.form.errors.as_data().items():
        problem = problems[0]
        if problem.code == "invalid_choice":
            field = filters.form.fields[name]
            choices = (str(one) for one, _label in field.choices)
            return f"{name}: {not_listed(filter(None, choices))}"
        if problem.code == "null_characters_not_allowed":
            return f"{name}: {NUL}"
        return f"{name}: {problem.messages[0]}"
    return None


class CursorParams(NamedParams):
    """Cursor and page size of a list."""

    cursor = Text(
        required=False,
        allow_blank=False,
        max_length=LONGEST_JSON,
        help_text="The cursor of the previous response.",
    )
    count = Number(
        default=50,
        min_value=1,
        max_value=MAX_COUNT,
        help_text="Maximum number of rows.",
    )


class PagingParams(CursorParams):
    """Cursor, page size and ordering of a list."""

    ordering = Choice(
        choices=ORDERING_CHOICES,
        default="-ts",
        help_text="Only immutable fields, so that no row is missed.",
    )
