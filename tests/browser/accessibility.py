"""Accessibility and layout assertions."""

from __future__ import annotations

from typing import Any
from urllib.parse import urljoin

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

_SEVERE = {"serious", "critical"}
_NO_ANIMATION = (
    "*, ::before, ::after { transition: none !important; animation: none !important; }"
)
_OPTIONS = {"resultTypes": ["violations"]}
_MOST_LISTED = 5
_OPENED: set[str] = set()
"""Links in breadcrumbs that opened: many pages have the same ones."""
_EXCESS = """
    () => new Promise(done => {
        let frames = 120;
        const measure = () => {
            const excess = document.scrollingElement.scrollWidth - innerWidth;
            excess > 0 && frames-- ? requestAnimationFrame(measure) : done(excess);
        };
        measure();
    })
"""
"""Script that returns by how many pixels the page is too wide.

After a resize, the layout needs some frames to update.
"""
_WITHOUT_COLORS = {**_OPTIONS, "rules": {"color-contrast": {"enabled": False}}}
_COLORS = {**_OPTIONS, "runOnly": ["color-contrast", "link-in-text-block"]}


def assert_accessible(page: Page) -> None:
    """Fail if axe finds serious or critical violations."""
    _assert_no_violations(page, _OPTIONS)


def assert_readable(page: Page) -> None:
    """Fail if axe finds violations of color contrast, which depends on the scheme."""
    _assert_no_violations(page, _COLORS)


def assert_usable(page: Page) -> None:
    """Fail if axe finds other violations than of color contrast, its slowest rule.

    For a page whose colors were checked on another screen.
    """
    _assert_no_violations(page, _WITHOUT_COLORS)


def _assert_no_violations(page: Page, options: dict[str, Any]) -> None:
    if not page.evaluate("'axe' in window"):
        # Transitions would show intermediate colors.
        page.add_style_tag(content=_NO_ANIMATION)
        page.evaluate(Axe().axe_script)
    found = page.evaluate("options => axe.run(options)", options)["violations"]
    violations = [_described(one) for one in found if one["impact"] in _SEVERE]
    assert not violations, "\n".join([f"axe on {page.url}:", *violations])


def assert_fits(page: Page) -> None:
    """Fail if the page scrolls horizontally."""
    excess = page.evaluate(_EXCESS)
    assert excess <= 0, (
        f"{page.url} is {excess} pixels too wide: {_overflowing_elements(page)}"
    )


def assert_named(page: Page) -> None:
    """Fail unless breadcrumbs lead to the page and its title ends with the product."""
    crumbs = page.get_by_role("navigation", name="Breadcrumbs").get_by_role("listitem")
    expect(crumbs.last.locator("[aria-current=page]")).to_be_visible()
    assert page.title().endswith(" | Import server"), page.title()
    for link in crumbs.get_by_role("link").all():
        url = urljoin(page.url, link.get_attribute("href") or "")
        if url not in _OPENED:
            assert page.request.get(url, max_redirects=0).status == 200, url
            _OPENED.add(url)


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


def _overflowing_elements(page: Page) -> Any:
    """Return the elements that exceed the right edge."""
    return page.evaluate(
        """() => [...document.querySelectorAll("#main *")]
            .filter(element => element.getBoundingClientRect().right > innerWidth + 1)
            .map(element => `${element.tagName} ${element.className}`)
            .slice(-5)"""
    )
