"""Forms for the delimiter, encoding and columns of tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from imports_app.admin.new_import.column_labels import (
    DELIMITER_NAMES,
    DETECT_ENCODING,
    FIELD_NAMES,
    NOT_IMPORTED,
    TABLE_NAMES,
)
from imports_app.engine.jobs import limits
from imports_app.errors import SourceError
from imports_app.importers.csv.fields import FIELDS, Table, plain_name
from imports_app.importers.csv.preview import TablePreview, preview_tables
from imports_app.importers.reading_options import DELIMITERS, ENCODINGS, ReadingOptions

_SINGLE: Final = (Table.USERS, Table.CHANNELS)
"""What the rows of a source with a single table can be."""


class DialectForm(forms.Form):
    """Delimiter and encoding of the tables, and the kind of rows in a single table."""

    delimiter = forms.ChoiceField(
        required=False,
        label=gettext_lazy("Delimiter"),
        choices=list(DELIMITER_NAMES.items()),
    )
    encoding = forms.ChoiceField(
        required=False,
        label=gettext_lazy("Encoding"),
        choices=[("", DETECT_ENCODING), *((name, name) for name in ENCODINGS)],
    )
    table = forms.ChoiceField(
        required=False,
        label=gettext_lazy("Rows contain"),
        choices=[(table.value, TABLE_NAMES[table]) for table in _SINGLE],
    )


@dataclass(frozen=True, slots=True)
class FieldChoice:
    """A field that a column can be assigned to."""

    field: str
    name: Any
    is_selected: bool


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table with the fields it can be assigned to."""

    control: str
    """Name of the select element."""
    label: str
    choices: list[FieldChoice]


@dataclass(frozen=True, slots=True)
class TableForm:
    """A table with one select element for each column."""

    preview: TablePreview
    table: Table
    title: Any
    columns: list[Column]
    header_control: str
    has_header: bool

    @property
    def rows(self) -> list[list[str]]:
        """The sample rows, padded to the same number of columns."""
        width = len(self.columns)
        return [[*row, *[""] * width][:width] for row in self.preview.rows]

    def assigned_columns(self, data: Mapping[str, str]) -> dict[str, str]:
        """Return the column of each field, by header or, without one, by number.

        Raises:
            ValidationError: A field is assigned to more than one column.
        """
        header = self.preview.header if self.has_header else []
        names = [plain_name(cell) for cell in header]
        columns: dict[str, str] = {}
        for index, column in enumerate(self.columns):
            field = data.get(column.control, "")
            if field not in FIELDS[self.table.value]:
                continue
            if field in columns:
                msg = _("%s is assigned to more than one column.") % FIELD_NAMES[field]
                raise forms.ValidationError(msg)
            name = names[index] if index < len(names) else ""
            is_plain = bool(name) and names.count(name) == 1 and not name.isdecimal()
            columns[field] = header[index].strip() if is_plain else str(index + 1)
        return columns


class ColumnsForm:
    """The tables of a file, with one select element for each column."""

    def __init__(
        self,
        path: Path,
        stored: ReadingOptions,
        *,
        dialect: Mapping[str, str],
        data: Mapping[str, str] | None,
    ) -> None:
        """Read the first rows.

        Args:
            path: The file.
            stored: The options that the file was last read with.
            dialect: Submitted values of `DialectForm`; empty to use `stored`.
            data: Submitted column assignments; `None` to only show the tables.
        """
        self._path, self._data = path, data
        self.options = stored
        self.dialect = DialectForm(initial=_initial(stored))
        table = ""
        if "delimiter" in dialect and (form := DialectForm(dialect)).is_valid():
            self.dialect = form
            cleaned = form.cleaned_data
            self.options = ReadingOptions.of(cleaned["delimiter"], cleaned["encoding"])
            table = cleaned["table"]
        self._single = Table(table) if table else None
        self.problem = ""
        """Error message if the file can't be read with these options, else empty."""
        self.tables: list[TableForm] = []
        for preview in self._previews():
            self.tables.append(_table_form(preview, data))
            if preview.is_single and preview.table in _SINGLE:
                self.dialect.initial["table"] = preview.table.value

    @property
    def is_single(self) -> bool:
        """Whether the file has a single table whose kind can be selected."""
        return any(table.preview.is_single for table in self.tables)

    def is_valid(self) -> bool:
        """Return whether the file can be read as submitted, and update `options`."""
        if self._data is None or self.problem:
            return False
        columns = {}
        for table in self.tables:
            try:
                columns[table.table.value] = table.assigned_columns(self._data)
            except forms.ValidationError as error:
                self.problem = str(error.message)
                return False
        self.options = replace(
            self.options,
            columns={table: fields for table, fields in columns.items() if fields},
        )
        problems = [preview.problem for preview in self._previews()]
        self.problem = self.problem or next(filter(None, problems), "")
        return not self.problem

    def _previews(self) -> list[TablePreview]:
        try:
            return preview_tables(self._path, limits(), self.options, self._single)
        except SourceError as error:
            self.problem = str(error.message)
            return []


def _table_form(preview: TablePreview, data: Mapping[str, str] | None) -> TableForm:
    """Return the form of a table with the recognized or the submitted columns."""
    table = preview.table or Table.USERS
    width = max((len(row) for row in preview.rows), default=0)
    header = f"{table.value}-header"
    recognized = {index: field for field, index in preview.places.items()}
    columns = []
    for index in range(width):
        control = f"{table.value}-{index}"
        field = recognized.get(index, "") if data is None else data.get(control, "")
        choices = _choices(table, field)
        columns.append(Column(control, _("Column %s") % (index + 1), choices))
    return TableForm(
        preview=preview,
        table=table,
        title=TABLE_NAMES[table],
        columns=columns,
        header_control=header,
        has_header=preview.has_header if data is None else header in data,
    )


def _choices(table: Table, selected: str) -> list[FieldChoice]:
    return [
        FieldChoice("", NOT_IMPORTED, is_selected=selected == ""),
        *(
            FieldChoice(field, FIELD_NAMES[field], is_selected=field == selected)
            for field in FIELDS[table.value]
        ),
    ]


def _initial(options: ReadingOptions) -> dict[str, str]:
    names = {mark: name for name, mark in DELIMITERS.items()}
    return {
        "delimiter": names.get(options.delimiter, ""),
        "encoding": options.encoding,
    }
