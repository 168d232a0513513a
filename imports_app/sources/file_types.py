"""What a file that should be a table really is."""

from __future__ import annotations

from imports_app.errors import SourceError
from imports_app.sources.dialects import encoding_of

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


def refuse_what_is_no_table(head: bytes, *, wanted: str) -> None:
    """Look at the first bytes of what should be CSV.

    Args:
        head: The first bytes.
        wanted: What a person should choose instead.

    Raises:
        SourceError: They are of another kind of file.
    """
    encoding = encoding_of(head)
    is_wide = encoding.startswith("utf-16")
    start = head.decode(encoding, "replace").encode() if is_wide else head
    start = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start:
        raise SourceError("importer-file-empty", "The file is empty: export it again.")
    kind = next((name for mark, name in _KNOWN if start.startswith(mark)), None)
    if kind is None and not is_wide and head.count(0) > len(head) // 10:
        kind = "no text"
    if kind is not None:
        raise SourceError("importer-not-a-zip", f"The file is {kind}: choose {wanted}.")
