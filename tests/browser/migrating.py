"""Steps of an import in the admin."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.places import OPERATIONS

OPERATION = re.compile(rf"{OPERATIONS}\d+/change/")
PATIENCE_MS = 120_000
"""Timeout for what a worker does first, on a busy machine."""


def upload(page: Page, path: Path, importer: str = "CSV archive") -> None:
    """Upload a file on the "New import" page and cancel any active import."""
    page.goto(f"{OPERATIONS}new/")
    page.locator("#importer-choice > summary").click()
    page.get_by_role("radio", name=importer).check()
    agreement = page.get_by_label("Cancel it and start this import")
    if agreement.count():
        agreement.check()
    page.locator("#id_file").set_input_files(path)
    page.get_by_role("button", name="Upload", exact=True).click()
    expect(page).to_have_url(OPERATION, timeout=PATIENCE_MS)


def go_to_selection(page: Page) -> None:
    """Wait until the file is read, then open the selection."""
    button = page.locator("#content").get_by_role("link", name="Review and import")
    button.click(timeout=PATIENCE_MS)
    expect(page).to_have_url(re.compile("/select/"))


def start(page: Page) -> None:
    """Start importing the selected records."""
    page.get_by_role("button", name="Start import").click()
    expect(page).to_have_url(OPERATION)


def expect_done(page: Page) -> None:
    """Wait until the import is done."""
    headline = page.locator(".headline")
    expect(headline).to_contain_text("Completed", timeout=PATIENCE_MS)


def outcome_of(page: Page, kind: str) -> list[str]:
    """Return a kind's row of the outcome table, from "found" to "guessed"."""
    outcome = page.locator("#live-outcome")
    row = outcome.get_by_role("row").filter(
        has=page.get_by_role("rowheader", name=kind, exact=True)
    )
    return [text.strip() for text in row.get_by_role("cell").all_inner_texts()]
