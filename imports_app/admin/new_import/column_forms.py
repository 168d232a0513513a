"""What people say of an operation's tables: delimiter, encoding, columns."""

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
"""What a source with one table can be."""


class DialectForm(forms.Form):
    """How the tables are written, and what a single table is."""

    delimiter = forms.ChoiceField(
        required=False,
        label=gettext_lazy("Columns are separated by"),
        choices=list(DELIMITER_NAMES.items()),
    )
    encoding = forms.ChoiceField(
        required=False,
        label=gettext_lazy("Encoding"),
        choices=[("", DETECT_ENCODING), *((name, name) for name in ENCODINGS)],
    )
    table = forms.ChoiceField(
        required=False,
        label=gettext_lazy("Rows are"),
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
    """A column of a table, with what it may hold and samples."""

    control: str
    """The name of its select."""
    label: str
    choices: list[FieldChoice]


@dataclass(frozen=True, slots=True)
class TableForm:
    """A table with a select for each of its columns."""

    preview: TablePreview
    table: Table
    title: Any
    columns: list[Column]
    header_control: str
    has_header: bool

    @property
    def rows(self) -> list[list[str]]:
        """The sample rows, as wide as the widest."""
        width = len(self.columns)
        return [[*row, *[""] * width][:width] for row in self.preview.rows]

    def chosen(self, data: Mapping[str, str]) -> dict[str, str]:
        """Return the column of each field, by its name if the first row has one.

        Raises:
            ValidationError: A field has more than one column.
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
    """The tables of a file, read as somebody says, with a select for each column."""

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
            stored: How it was read before.
            dialect: What the fields of `DialectForm` were set to, if they were.
            data: What was sent to read it anew; `None` to show it only.
        """
        self._path, self._data = path, data
        self.options = stored
        self.dialect = DialectForm(initial=_initial(stored))
        said = ""
        if "delimiter" in dialect and (form := DialectForm(dialect)).is_valid():
            self.dialect = form
            chosen = form.cleaned_data
            self.options = ReadingOptions.of(chosen["delimiter"], chosen["encoding"])
            said = chosen["table"]
        self._single = Table(said) if said else None
        self.problem = ""
        """Why the file can't be shown, or read as was said."""
        self.tables: list[TableForm] = []
        for preview in self._previews():
            self.tables.append(_table_form(preview, data))
            if preview.is_single and preview.table in _SINGLE:
                self.dialect.initial["table"] = preview.table.value

    @property
    def is_single(self) -> bool:
        """Whether somebody may say what the only table is."""
        return any(table.preview.is_single for table in self.tables)

    def is_valid(self) -> bool:
        """Tell whether the file can be read as was sent; `options` say how."""
        if self._data is None or self.problem:
            return False
        columns = {}
        for table in self.tables:
            try:
                columns[table.table.value] = table.chosen(self._data)
            except forms.ValidationError as error:
                self.problem = str(error.message)
                return False
        self.options = replace(
            self.options,
            columns={table: named for table, named in columns.items() if named},
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
    """Return the form of a table, as it is recognised or as it was sent."""
    table = preview.table or Table.USERS
    width = max((len(row) for row in preview.rows), default=0)
    header = f"{table.value}-header"
    recognised = {index: field for field, index in preview.places.items()}
    columns = []
    for index in range(width):
        control = f"{table.value}-{index}"
        chosen = recognised.get(index, "") if data is None else data.get(control, "")
        choices = _choices(table, chosen)
        columns.append(Column(control, _("Column %s") % (index + 1), choices))
    return TableForm(
        preview=preview,
        table=table,
        title=TABLE_NAMES[table],
        columns=columns,
        header_control=header,
        has_header=preview.has_header if data is None else header in data,
    )


def _choices(table: Table, chosen: str) -> list[FieldChoice]:
    return [
        FieldChoice("", NOT_IMPORTED, is_selected=chosen == ""),
        *(
            FieldChoice(field, FIELD_NAMES[field], is_selected=field == chosen)
            for field in FIELDS[table.value]
        ),
    ]


def _initial(options: ReadingOptions) -> dict[str, str]:
    names = {mark: name for name, mark in DELIMITERS.items()}
    return {
        "delimiter": names.get(options.delimiter, ""),
        "encoding": options.encoding,
    }
