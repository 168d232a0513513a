"""Screenshots for the documentation; run with `make screenshots`."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.browser.api import fail_to_log_in
from tests.browser.browsing import Browsing
from tests.browser.chromium import running_chromium
from tests.browser.places import PLACES
from tests.browser.screens import SCREENS, Scheme
from tests.browser.servers import demo_server, prepare_demo
from tests.live import ROOT

FOLDER: Final = ROOT / "docs" / "images"


@dataclass(frozen=True)
class Picture:
    """A screenshot of a page."""

    name: str
    place: str
    """Key in PLACES."""
    person: str = "admin"
    screen: str = "desktop"
    scheme: Scheme = "light"


PICTURES: Final = (
    Picture("dashboard", "dashboard"),
    Picture("dashboard-dark", "dashboard", scheme="dark"),
    Picture("dashboard-phone", "dashboard", screen="phone"),
    Picture("operations-phone-dark", "operations", screen="phone", scheme="dark"),
    Picture("operations", "operations"),
    Picture("new-import", "new import", "importer"),
    Picture("select", "selection", "importer"),
    Picture("select-phone-dark", "selection", "importer", "phone", "dark"),
    Picture("preview", "preview of rooms", "importer"),
    Picture("operation", "operation done"),
    Picture("operation-dark", "operation done", scheme="dark"),
    Picture("operation-phone", "operation done", screen="phone"),
    Picture("comparison", "comparison"),
    Picture("failed-records", "failed records"),
    Picture("conversation", "conversation"),
    Picture("conversation-phone-dark", "conversation", screen="phone", scheme="dark"),
    Picture("role", "role"),
    Picture("role-dark", "role", scheme="dark"),
    Picture("tokens", "tokens"),
    Picture("activity-log", "activity log"),
    Picture("failed-logins", "failed logins"),
)


def take_all(folder: Path) -> None:
    """Start a server with demo data and take every screenshot."""
    with tempfile.TemporaryDirectory() as temporary:
        prepared, data = Path(temporary) / "prepared", Path(temporary) / "data"
        prepared.mkdir()
        prepare_demo(prepared)
        with demo_server(prepared, data) as server, running_chromium() as browser:
            fail_to_log_in(server, "plain")
            browsing = Browsing(browser, {}, data)
            for picture in PICTURES:
                page = browsing(
                    server,
                    "/admin/",
                    person=picture.person,
                    screen=SCREENS[picture.screen],
                    scheme=picture.scheme,
                )
                PLACES[picture.place].visit(page)
                page.screenshot(
                    path=folder / f"{picture.name}.png", animations="disabled"
                )
            browsing.close()


if __name__ == "__main__":
    take_all(FOLDER)
