"""Detection of files that are not tables, or whose name and content differ."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Final

from imports_app.errors import SourceError
from imports_app.sources.dialects import encoding_of

_KNOWN = (
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"%PDF", "a PDF document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"<", "a web page or XML document"),
    (b"{", "a JSON file"),
    (b"[", "a JSON file"),
)

_PACKED: Final = {
    ".zip": "a ZIP archive",
    ".xlsx": "an Excel workbook",
    ".xlsm": "an Excel workbook",
    ".xls": "an Excel workbook",
    ".ods": "a spreadsheet",
    ".gz": "a gzip archive",
    ".7z": "a 7-Zip archive",
    ".rar": "a RAR archive",
    ".pdf": "a PDF document",
    ".png": "an image",
    ".jpg": "an image",
    ".jpeg": "an image",
}
"""Types of files by suffix; none of them is plain text."""


def refuse_other_file_types(head: bytes, name: str, *, wanted: str) -> None:
    """Refuse a file that is not a table, by its first bytes and its name.

    Args:
        head: The first bytes, which are not those of a ZIP archive.
        name: The file's name; empty if it is unknown.
        wanted: The expected file, for the message.

    Raises:
        SourceError: The file is empty, of another type, or not of the type that its
            name says.
    """
    encoding = encoding_of(head)
    is_wide = encoding.startswith("utf-16")
    start = head.decode(encoding, "replace").encode() if is_wide else head
    start = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start:
        raise SourceError("importer-file-empty", "The file is empty. Export it again.")
    kind = next((name for mark, name in _KNOWN if start.startswith(mark)), None)
    if kind is None and not is_wide and head.count(0) > len(head) // 10:
        kind = "not a text file"
    if kind is not None:
        raise SourceError("importer-not-a-zip", f"The file is {kind}. Upload {wanted}.")
    ending = PurePosixPath(name.lower()).suffix
    if ending in _PACKED:
        raise SourceError(
            "importer-not-a-zip",
            f"The file is named {ending}, but it contains plain text and is not"
            f" {_PACKED[ending]}. Export or download it again. If it is a table, rename"
            " it to .csv and upload it again.",
        )
