"""What people are told of an importer, and the template that they may start from."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Template:
    """A small made-up source that can be imported as it stands."""

    file_name: str
    content: str | Mapping[str, str]
    """The file itself; or the files of a ZIP archive, by their names."""

    @property
    def content_type(self) -> str:
        """The media type of the file."""
        return "text/csv" if isinstance(self.content, str) else "application/zip"

    def as_bytes(self) -> bytes:
        """Return the file, always with the same bytes."""
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
    """An importer in plain words, for people who choose from a list.

    The texts are English; the admin translates them where it shows them.
    """

    title: str
    for_whom: str
    """One sentence: which people this importer is for."""
    layout: str
    """What such a source looks like, as preformatted text."""
    notes: tuple[str, ...]
    """What to know before, a sentence or two each."""
    suffixes: tuple[str, ...]
    """How the names of such files end; a hint, never a reason to refuse one."""
    template: Template
