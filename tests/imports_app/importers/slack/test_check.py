"""The check of a Slack export at upload (importers.md 9.1)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from imports_app.importers.base import ImportContext, Report
from imports_app.importers.slack import archive
from imports_app.importers.slack.archive import SlackImporter
from imports_app.sources.limits import ArchiveLimits
from tests.imports_app.importers.reading import check, read
from tests.imports_app.importers.slack.test_archive import ANN, NEWS, SAID, packed


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "export.zip"


def facts_in(path: Path, entries: dict[str, Any]) -> dict[str, int]:
    context = ImportContext(
        packed(path, entries), ArchiveLimits(10**9, 10**9, 200, 10**6)
    )
    list(SlackImporter().read(context))
    return context.report.facts


def test_check_reports_missing_files(path: Path) -> None:
    public = {"users.json": [{"id": "U1", "name": "ann"}], "channels.json": [NEWS]}
    packed(path, {f"export/{name}": content for name, content in public.items()})

    assert check(SlackImporter, path) == {
        *("importer-top-folder", "importer-no-private-channels"),
        *("importer-no-direct-messages", "importer-no-emails"),
        "importer-kind-of-export",
    }


def test_check_reads_a_small_export_completely(path: Path) -> None:
    day = [SAID, {**SAID, "user": "U7"}, {**SAID, "subtype": "bot_add"}]
    packed(path, {"users.json": [ANN], "channels.json": [NEWS], "news/1.json": day})
    context = ImportContext(path, ArchiveLimits(10**9, 10**9, 200, 10**6))

    SlackImporter().check(context)

    assert context.report.facts["messages left out (bot_add)"] == 1
    assert context.report.facts["public channels"] == 1
    assert context.report.facts["files of days"] == 1
    assert context.report.warnings["importer-placeholder-user"]["count"] == 1


def report_of_check(path: Path) -> Report:
    context = ImportContext(path, ArchiveLimits(10**9, 10**9, 200, 10**6))
    SlackImporter().check(context)
    return context.report


@pytest.mark.parametrize(
    ("names", "rooms", "kind"),
    [
        (["users.json", "channels.json"], [NEWS], "an export of public channels"),
        (["users.json", "mpims.json"], [NEWS], "an export of all conversations"),
        (["users.json", "groups.json"], [NEWS], "an export of all conversations"),
        (["users.json", "dms.json"], [NEWS], "an export of all conversations"),
        (["org_users.json", "dms.json"], [NEWS], "an export of an organization"),
    ],
)
def test_check_reports_the_type_of_export(
    path: Path, names: list[str], rooms: list[dict[str, Any]], kind: str
) -> None:
    packed(path, {names[0]: [], names[1]: rooms})

    warnings = report_of_check(path).warnings

    assert kind in warnings["importer-kind-of-export"]["message"]


def test_check_reports_unsupported_content(path: Path) -> None:
    day = [
        *(SAID, {**SAID, "subtype": "bot_add"}, {**SAID, "subtype": "bot_remove"}),
        *({**SAID, "subtype": "tombstone"}, {**SAID, "hidden": True}),
        *({**SAID, "subtype": "file_comment"}, {"type": "user_typing"}),
        {**SAID, "subtype": "reminder_add", "text": ""},
        {"type": "message", "subtype": "message_changed", "original": SAID},
        {"type": "message", "subtype": "message_deleted", "original": SAID},
        {**SAID, "files": [{"id": "F1", "mode": "tombstone"}, {"id": "F2"}]},
    ]
    canvas = [{"id": "F3", "filetype": "quip"}]
    entries: dict[str, Any] = {"users.json": [ANN, ANN, {"name": "x"}]}
    entries |= {"channels.json": [NEWS], "news/1.json": day, "lost/1.json": [SAID]}
    entries |= {"news/canvas_in_the_conversation.json": canvas, "FC:F4:x/1.json": day}
    packed(path, entries)

    report = report_of_check(path)

    counts = {code: one["count"] for code, one in report.warnings.items()}
    assert counts == {
        **{"importer-kind-of-export": 1, "importer-no-private-channels": 1},
        **{"importer-no-direct-messages": 1, "importer-canvases-not-imported": 2},
        **{"importer-left-out-apps": 2, "importer-left-out-deleted": 1},
        **{"importer-left-out-hidden": 1, "importer-left-out-file-comments": 1},
        **{"importer-left-out-no-message": 1, "importer-left-out-empty": 1},
        **{"importer-files-are-gone": 2, "importer-folder-without-room": 1},
        **{"importer-left-out-versions": 1, "importer-left-out-deleted-texts": 1},
        "importer-user-missing-import-id": 1,
    }
    bad = report.warnings["importer-user-missing-import-id"]["examples"]
    assert bad == [{"file": "users.json", "line": 3}]
    assert report.facts["messages"] == 12
    assert report.facts["users"] == report.facts["users listed again"] == 1
    assert report.facts["messages in folders without a room"] == 1


def test_check_estimates_a_large_export(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left_out = {**SAID, "subtype": "bot_add"}
    days = {f"news/{n}.json": [SAID] * 18 + [left_out] * 2 for n in range(400)}
    monkeypatch.setattr(archive, "_READ_AT_UPLOAD", 50_000)
    packed(path, {"users.json": [ANN], "channels.json": [NEWS], **days})

    report = report_of_check(path)

    assert report.facts["messages, about"] == pytest.approx(8_000, rel=0.05)
    about = report.facts["messages left out (bot_add), about"]
    assert about == pytest.approx(800, rel=0.05)
    message = report.warnings["importer-looked-at-in-part"]["message"]
    assert " of 400 message files were checked" in message
    assert "messages" not in report.facts


def test_workspaces_of_a_grid_are_read(path: Path) -> None:
    entries = {
        "org_users.json": [ANN],
        "teams/a/channels.json": [NEWS],
        "teams/a/news/1.json": [SAID],
    }

    found, warnings = read(SlackImporter, packed(path, entries))

    assert [one.file for one in found] == [
        *("org_users.json", "teams/a/channels.json", "teams/a/news/1.json"),
    ]
    assert "importer-grid-teams" not in warnings


def test_unknown_subtypes_are_counted_in_bounded_memory(path: Path) -> None:
    day = [{"type": f"sort-{number}"} for number in range(500)]
    entries = {"users.json": [ANN], "channels.json": [NEWS], "news/1.json": day}

    assert len(facts_in(path, entries)) <= 101


def test_unread_files_are_reported(path: Path) -> None:
    unread = ("C1.json", "news/deep/1.json", "notes.txt")
    entries = {"users.json": [ANN], "channels.json": [NEWS], "news/1.json": [SAID]}
    packed(path, {**entries, **dict.fromkeys(unread, "[]")})

    warning = report_of_check(path).warnings["importer-files-unread"]

    assert {example["file"] for example in warning["examples"]} == set(unread)
