"""Guides and templates of importers for the new import page."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Template:
    """A small sample file that can be imported unchanged."""

    file_name: str
    content: str | Mapping[str, str]
    """The text of the file, or texts of a ZIP archive's files by name."""

    @property
    def content_type(self) -> str:
        """Media type of the file."""
        return "text/csv" if isinstance(self.content, str) else "application/zip"

    def as_bytes(self) -> bytes:
        """Return the content of the file; the bytes are reproducible."""
        if isinstance(self.content, str):
            return self.content.encode()
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in self.content.items():
                info = zipfile.ZipInfo(name)
                info.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(info, text)
        return file.getvalue()


@dataclass(frozen=True, slots=True)
class Guide:
    """Description of an importer for the list of choices.

    The texts are in English; the admin translates them.
    """

    title: str
    purpose: str
    """One sentence about when to use this importer."""
    layout: str
    """Example of the file format as preformatted text."""
    notes: tuple[str, ...]
    """Tips, one or two sentences each."""
    suffixes: tuple[str, ...]
    """Usual file name suffixes; other files are accepted as well."""
    template: Template
