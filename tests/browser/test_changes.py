"""The next export of a source: what is different since the last import."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from tests.browser.accessibility import assert_accessible, assert_fits, assert_usable
from tests.browser.api import Api
from tests.browser.archives import archive_of
from tests.browser.browsing import Browsing
from tests.browser.contrast import assert_contrast
from tests.browser.places import OPERATIONS, PLACES
from tests.browser.screens import PHONE, switch_to
from tests.browser.servers import Server

FIRST = {
    "users.csv": "eve,eve@example.org,Eve\n",
    "channels.csv": "plans,eve,public,\n",
    "plans/1.csv": "eve,1600000000000,first\neve,1600000001000,second\n",
}
NEXT = {
    **FIRST,
    "users.csv": f"{FIRST['users.csv']}fay,fay@example.org,Fay\n",
    "plans/1.csv": "eve,1600000000000,first\nfay,1600000001000,other\n",
}


def test_the_review_of_the_next_export_begins_with_the_changes(
    browse: Browsing, import_server: Server, tmp_path: Path
) -> None:
    api = Api(import_server)
    api.run(archive_of(tmp_path / "plans.zip", FIRST))
    api.stage(archive_of(tmp_path / "plans-2.zip", NEXT))
    page = browse(import_server, OPERATIONS, scheme="dark")
    PLACES["selection"].visit(page)

    expect(page.get_by_role("link", name="1 new user")).to_be_visible()
    expect(page.get_by_role("link", name="1 message gone")).to_be_visible()
    page.get_by_role("link", name="1 new message").click()

    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Changes since the last import"
    )
    assert_contrast(page)
    switch_to(page, "light")
    assert_accessible(page)
    assert_contrast(page)
    page.set_viewport_size(PHONE)
    assert_fits(page)
    assert_usable(page)
