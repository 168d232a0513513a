"""Contrast of what axe does not measure: icons, placeholders, chart colors, focus.

axe skips elements that screen readers skip, which icons are. The colors are painted
on a canvas, so that every notation and transparency counts as on the page.
"""

from __future__ import annotations

from typing import Final

from playwright.sync_api import Page

TEXT_CONTRAST: Final = 4.5
"""Icons are held to the contrast of text (WCAG 1.4.3), above 3 (1.4.11)."""
GRAPHIC_CONTRAST: Final = 3.0
_MEASURE: Final = """
([iconContrast, graphicContrast]) => {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = 1;
    const paint = canvas.getContext("2d", { willReadFrequently: true });
    const fill = (color, alpha = 1) => {
        paint.globalAlpha = alpha;
        paint.fillStyle = color;
        paint.fillRect(0, 0, 1, 1);
    };
    const luminance = () => {
        const parts = [...paint.getImageData(0, 0, 1, 1).data];
        const [red, green, blue] = parts.map((part) => {
            const share = part / 255;
            return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const pathTo = (element) => {
        const path = [];
        for (let one = element; one; one = one.parentElement) path.unshift(one);
        return path;
    };
    const contrast = (color, path, alpha = 1) => {
        fill("#fff");
        for (const one of path) fill(getComputedStyle(one).backgroundColor);
        const behind = luminance();
        fill(color, alpha);
        const above = luminance();
        return (Math.max(above, behind) + 0.05) / (Math.min(above, behind) + 0.05);
    };
    const seen = (element) =>
        element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) &&
        element.getBoundingClientRect().width > 1 &&
        !element.closest(":disabled, [aria-disabled=true]");
    const found = [];
    const check = (element, what, color, path, least, alpha) => {
        const ratio = contrast(color, path, alpha);
        if (ratio >= least) return;
        const place = `${element.tagName} ${element.className || element.id}`;
        const text = element.textContent.trim();
        found.push(`${what} ${ratio.toFixed(2)}: ${place} ${text}`);
    };
    const all = (selector) => [...document.querySelectorAll(selector)].filter(seen);
    for (const icon of all(".material-symbols-outlined")) {
        const path = pathTo(icon);
        const opacities = path.map((one) => getComputedStyle(one).opacity);
        const alpha = opacities.reduce((share, opacity) => share * opacity, 1);
        check(icon, "icon", getComputedStyle(icon).color, path, iconContrast, alpha);
    }
    for (const field of all("input[placeholder], textarea[placeholder]")) {
        if (!field.placeholder.trim()) continue;
        const { color, opacity } = getComputedStyle(field, "::placeholder");
        check(field, "placeholder", color, pathTo(field), iconContrast, opacity);
    }
    for (const swatch of all("[style*='--ink']")) {
        const ink = getComputedStyle(swatch).getPropertyValue("--ink");
        const path = pathTo(swatch.parentElement);
        check(swatch, "chart color", ink, path, graphicContrast);
    }
    const content = document.querySelector("#content") ?? document.body;
    const focus = getComputedStyle(content).getPropertyValue("--focus");
    if (focus) check(content, "focus", focus, pathTo(content), graphicContrast);
    return [...new Set(found)];
}
"""


def assert_contrast(page: Page) -> None:
    """Fail if icons, placeholders, chart colors or focus rings are too faint."""
    faint = page.evaluate(_MEASURE, [TEXT_CONTRAST, GRAPHIC_CONTRAST])
    assert faint == [], "\n".join([page.url, *faint])
