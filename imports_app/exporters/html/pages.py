"""Pages of a static archive: frame, lists and navigation."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Final, NamedTuple

_POLICY: Final = (
    "default-src 'none'; style-src 'self' file:; img-src 'self' file:;"
    " script-src {scripts}; base-uri 'none'; form-action 'none'"
)
"""Pages load nothing from other servers, and run no inline scripts or styles."""
_NO_SCRIPTS: Final = "'none'"
_OWN_SCRIPTS: Final = "'self' file:"


class Link(NamedTuple):
    """Link to another page of the archive."""

    address: str
    label: str


def page(
    title: str,
    body: Iterable[str],
    *,
    root: str = "",
    trail: Iterable[Link] = (),
    has_search: bool = False,
) -> str:
    """Return a page.

    Args:
        title: Its title.
        body: The content, as HTML.
        root: Path to the folder of the archive, such as `../../`.
        trail: The pages above, after the list of rooms.
        has_search: Whether the page runs the script of the search.
    """
    policy = _POLICY.format(scripts=_OWN_SCRIPTS if has_search else _NO_SCRIPTS)
    script = f'<script defer src="{root}assets/search.js"></script>\n'
    links = [Link(f"{root}index.html", "Rooms"), *trail]
    crumbs = "".join(
        f'<li><a href="{escape(link.address)}">{escape(link.label)}</a></li>'
        for link in links
    )
    return f"""\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
<link rel="stylesheet" href="{root}assets/archive.css">
{script if has_search else ""}</head>
<body>
<a class="skip" href="#main">Skip to content</a>
<header>
<nav aria-label="Breadcrumbs"><ol>{crumbs}</ol></nav>
<nav aria-label="Archive"><a href="{root}people.html">People</a>
<a href="{root}search.html">Search</a></nav>
</header>
<main id="main" tabindex="-1">
<h1>{escape(title)}</h1>
{"".join(body)}
</main>
<footer><p>All times are UTC.</p></footer>
</body>
</html>
"""


def neighbours(before: Link | None, after: Link | None) -> str:
    """Return the links to the previous and the next page."""
    links = [
        f'<a rel="{rel}" href="{escape(link.address)}">{mark} {escape(link.label)}</a>'
        for rel, mark, link in (("prev", "←", before), ("next", "→", after))
        if link is not None
    ]
    if not links:
        return ""
    return f'<nav class="neighbours" aria-label="Pages">{" ".join(links)}</nav>\n'


def count_of(number: int, noun: str) -> str:
    """Return a number with its noun, such as `1 message` or `1,200 messages`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def search_page() -> str:
    """Return the page of the search, whose script loads parts of the index."""
    return page(
        "Search",
        (
            '<form id="search" role="search">'
            '<label for="words">Search messages</label>\n'
            '<input id="words" type="search" autocomplete="off" required>\n'
            '<button type="submit">Search</button></form>\n'
            "<p>Finds messages that contain all words. Words that begin with a search"
            " term are included.</p>\n"
            '<noscript><p class="note">The search needs JavaScript.</p></noscript>\n'
            '<p id="status" role="status"></p>\n<ol id="results"></ol>\n'
            '<button id="more" type="button" hidden>Show more results</button>\n',
        ),
        has_search=True,
    )
