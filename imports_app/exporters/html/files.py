"""Files in a static archive: safe names and detection of images."""

from __future__ import annotations

from typing import Final

from imports_app.exporters.parts import safe_name

_ACTIVE: Final = frozenset(
    {
        *("htm", "html", "shtml", "xhtml", "xht", "xhtm", "svg", "svgz", "xml", "xsl"),
        *("xslt", "rdf", "mht", "mhtml", "mhtm", "hta", "js", "mjs", "cjs", "wasm"),
        *("xbl", "rss", "atom", "webmanifest", "vtt", "css"),
    }
)
"""Suffixes of files whose scripts browsers run."""
_PICTURES: Final = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a")
_MARKS: Final = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
HEAD: Final = 512
"""Bytes of a file that these functions need."""


def is_picture(head: bytes) -> bool:
    """Return whether a file is an image that all browsers show, by its content."""
    is_webp = head[:4] == b"RIFF" and head[8:12] == b"WEBP"
    return is_webp or head.startswith(_PICTURES)


def name_in_archive(name: str, head: bytes) -> str:
    """Return the name of a file, changed if a browser would run the file.

    A page could read other files of the disk, or send its content. With the suffix of a
    text file, browsers only display it.
    """
    safe = safe_name(name)
    _stem, _dot, suffix = safe.rpartition(".")
    if suffix.lower() == "txt":
        return safe
    is_active = suffix.lower() in _ACTIVE or _is_markup(head)
    return f"{safe}.txt" if is_active else safe


def _is_markup(head: bytes) -> bool:
    """Return whether browsers may interpret a content as HTML or XML."""
    for mark in _MARKS:
        head = head.removeprefix(mark)
    return head.replace(b"\0", b"").lstrip().startswith(b"<")
