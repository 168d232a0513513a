"""Detection of files that are not tables, by their first bytes."""

from __future__ import annotations

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


def refuse_other_file_types(head: bytes, *, wanted: str) -> None:
    """Refuse a file that is not a table, by its first bytes.

    Args:
        head: The first bytes.
        wanted: The expected file, for the message.

    Raises:
        SourceError: The file is empty or of another type.
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
