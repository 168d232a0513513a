"""What a file that should be a table really is."""

from __future__ import annotations

from imports_app.errors import SourceError

_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_KNOWN = (
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"%PDF", "a PDF document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"<", "a web page, picture or document in XML"),
    (b"{", "a JSON file"),
    (b"[", "a JSON file"),
)


def refuse_what_is_no_table(head: bytes) -> None:
    """Look at the first bytes of what should be CSV.

    Raises:
        SourceError: They are of another kind of file.
    """
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start:
        raise SourceError("importer-file-empty", "The file is empty: export it again.")
    kind = next((name for mark, name in _KNOWN if start.startswith(mark)), None)
    is_wide = head.startswith(_UTF16_MARKS) or _alternates(head)
    if kind is None and not is_wide and head.count(0) > len(head) // 10:
        kind = "no text"
    if kind is not None and not head.startswith(_UTF16_MARKS):
        raise SourceError(
            "importer-not-a-zip",
            f"The file is {kind}: choose a ZIP archive of CSV files.",
        )


def _alternates(head: bytes) -> bool:
    """Tell whether every second byte is zero, as in UTF-16 without a mark."""
    half = len(head) // 2
    counts = sorted((head[::2].count(0), head[1::2].count(0)))
    return half > 0 and counts[1] > half * 0.7 and counts[0] < half * 0.1
