"""The documentation matches the code."""

from __future__ import annotations

import re
from pathlib import Path

import orjson

from tests.contract import golden
from tests.test_permission_table import TABLE

ROOT = Path(__file__).parent.parent


def test_every_setting_is_documented() -> None:
    modules = ("config/settings.py", "config/env.py")
    source = "".join((ROOT / module).read_text() for module in modules)
    read = set(re.findall(r"env(?:\.\w+)?\(\s*\"([A-Z_]+)\"", source))
    page = (ROOT / "docs/settings.md").read_text()

    documented = set(re.findall(r"^\| `([A-Z_]+)` \|", page, re.MULTILINE))

    assert documented == read


def test_every_endpoint_is_documented() -> None:
    page = (ROOT / "docs/api.md").read_text()

    for row in TABLE:
        route = row.route.replace("<slug:public_id>", "{id}")
        route = route.replace("<slug:key>", "{key}").replace("<slug:name>", "{name}")
        assert f"/{route}`" in page


def test_the_readme_shows_the_example_call() -> None:
    readme = (ROOT / "README.md").read_text()

    assert "MJxTRZsYdho8Ww2qq" in readme
    assert "Zu-Z6eKzIIz7MCCRGeHi29bYkXZCJ4SxFC0JAasqm92" in readme


def test_the_api_page_shows_the_whole_example_answer() -> None:
    page = (ROOT / "docs/api.md").read_text()
    [shown] = re.findall(r"```json\n(.*?)```", page, re.DOTALL)

    assert orjson.loads(shown) == orjson.loads(golden("seed"))


def test_the_api_page_shows_the_programs_that_are_run() -> None:
    page = (ROOT / "docs/api.md").read_text()

    for program in (ROOT / "docs/clients").glob("[Ll]atest.*"):
        assert program.read_text() in page


def test_no_link_between_documents_is_broken() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    broken = [
        f"{page.name}: {target}"
        for page in pages
        for target in re.findall(r"\]\((?!http|#)([^)#]+)", page.read_text())
        if not (page.parent / target).exists()
    ]
    assert broken == []


def _anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub names them."""
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in headings
    }


def test_no_link_to_a_heading_is_broken() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    broken = [
        f"{page.name}: {target}#{anchor}"
        for page in pages
        for target, anchor in re.findall(
            r"\]\((?!http)([^)#\s]*\.md|)#([^)\s]+)\)", page.read_text()
        )
        if anchor not in _anchors(page.parent / target if target else page)
    ]
    assert broken == []
