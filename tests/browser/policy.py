"""Pages that report what their content policy refuses."""

from __future__ import annotations

from typing import Final

from playwright.sync_api import Page

# Reports a violation as a script's error, in case the console keeps it to itself.
REPORTER: Final = """
document.addEventListener("securitypolicyviolation", (event) => {
    const { effectiveDirective, blockedURI, sample, sourceFile } = event;
    throw new Error(`CSP ${effectiveDirective} ${blockedURI} ${sample} ${sourceFile}`);
});
"""
ALL_OPEN: Final = """
() => {
    for (const element of document.querySelectorAll("[x-data]")) {
        if (element === document.documentElement) continue;
        const data = Alpine.$data(element);
        for (const name of Object.keys(data)) {
            if (name.startsWith("open") || name === "rowOpen") data[name] = true;
        }
    }
}
"""
"""Opens every menu and dialog of a page, so that its scripts evaluate all they have."""


def reporting(page: Page) -> Page:
    """Return the page after it reports each violation from now on."""
    page.context.add_init_script(REPORTER)
    page.reload()
    return page
