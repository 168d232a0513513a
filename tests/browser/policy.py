"""Reporting of violations of the content security policy."""

from __future__ import annotations

from typing import Final

from playwright.sync_api import Page

# Reports a violation as a script error, because the console may omit it.
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
"""Opens every menu and dialog of a page, so that all expressions are evaluated."""


def reporting(page: Page) -> Page:
    """Reload the page with a script that reports violations."""
    page.context.add_init_script(REPORTER)
    page.reload()
    return page
