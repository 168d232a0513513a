"""What axe finds on a page."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

_GRAVE = {"serious", "critical"}
_STILL = (
    "*, ::before, ::after { transition: none !important; animation: none !important; }"
)
_OPTIONS = {"resultTypes": ["violations"]}
_MOST_LISTED = 5
_EXCESS = """
    () => new Promise(done => {
        let frames = 120;
        const look = () => {
            const excess = document.scrollingElement.scrollWidth - innerWidth;
            excess > 0 && frames-- ? requestAnimationFrame(look) : done(excess);
        };
        look();
    })
"""
"""How many pixels too wide the page is. Scripts lay out anew after a change of the
window's size, which takes some frames."""
_COLOURS = {**_OPTIONS, "runOnly": ["color-contrast", "link-in-text-block"]}


def assert_accessible(page: Page) -> None:
    """Fail with a list if axe finds something serious or critical."""
    _assert_nothing_grave(page, _OPTIONS)


def assert_readable(page: Page) -> None:
    """Ask axe about the colours alone, which are what the schemes differ in."""
    _assert_nothing_grave(page, _COLOURS)


def _assert_nothing_grave(page: Page, options: dict[str, Any]) -> None:
    # Colours on their way from one to the other are neither.
    page.add_style_tag(content=_STILL)
    found = Axe().run(page, options=options).response["violations"]
    grave = [_described(one) for one in found if one["impact"] in _GRAVE]
    assert not grave, "\n".join([f"axe on {page.url}:", *grave])


def assert_fits(page: Page) -> None:
    """Fail if the page can be scrolled sideways, also once its scripts are done."""
    excess = page.evaluate(_EXCESS)
    assert excess <= 0, f"{page.url} is {excess} pixels too wide: {_sticking_out(page)}"


def _described(violation: dict[str, Any]) -> str:
    lines = [f"{violation['impact']}: {violation['id']}, {violation['help']}"]
    for node in violation["nodes"][:_MOST_LISTED]:
        reason = node["failureSummary"].partition("\n")[2].strip().partition("\n")[0]
        lines.append(f"  {' '.join(map(str, node['target']))}: {reason}")
        lines.append(f"    {' '.join(node['html'].split())[:160]}")
    more = len(violation["nodes"]) - _MOST_LISTED
    if more > 0:
        lines.append(f"  and {more} more")
    return "\n".join(lines)


def _sticking_out(page: Page) -> Any:
    """Name the elements that go past the right edge."""
    return page.evaluate(
        """() => [...document.querySelectorAll("#main *")]
            .filter(element => element.getBoundingClientRect().right > innerWidth + 1)
            .map(element => `${element.tagName} ${element.className}`)
            .slice(-5)"""
    )
