"""Detection of the importer by the content of a file."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from imports_app.errors import SourceError
from imports_app.importers.detection import counting
from imports_app.importers.detection.source import detect_source
from imports_app.importers.reading_options import ReadingOptions
from imports_app.importers.registry import visible_importers
from imports_app.sources.limits import ArchiveLimits
from tests.archives.slack_archives import SlackPlan, write_slack_archive
from tests.imports_app.importers.reading import LIMITS, pack, read

MEMBERS = "username,email,status,billing-active,has-2fa,has-sso,userid,fullname"
LINE = '{"type": "version", "version": 1}\n{"type": "team", "team": {}}\n'
SLACK = {"users.json": "[]", "channels.json": "[]"}


def detected(path: Path, limits: ArchiveLimits = LIMITS) -> tuple[str, str]:
    """Return the key of the importer and the sentence about the file."""
    found = detect_source(path, limits, ReadingOptions())
    return found.importer_key, found.text


def refused(path: Path) -> SourceError:
    with pytest.raises(SourceError) as raised:
        detect_source(path, LIMITS, ReadingOptions())
    return raised.value


@pytest.mark.parametrize("importer", visible_importers(), ids=lambda one: one.key)
def test_every_template_is_detected_and_counted(importer: Any, tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes(importer.guide.template.as_bytes())

    found = detect_source(path, LIMITS, ReadingOptions())

    assert found.importer_key == importer.key
    assert not any(count.is_estimate for count in found.counts.values())
    records = [item.record for item in read(importer, path)[0]]
    names = [type(record).__name__ for record in records]
    kinds = {"users": "UserRecord", "messages": "MessageRecord"}
    for unit, name in kinds.items():
        if unit in found.counts:
            assert found.counts[unit].number == names.count(name)


def test_the_numbers_of_a_large_export_are_estimates(tmp_path: Path) -> None:
    expected = write_slack_archive(
        tmp_path / "export.zip", SlackPlan(messages=40_000, has_oddities=False), seed=1
    )
    limits = ArchiveLimits(10**9, 10**9, 1000, 300_000)

    found = detect_source(tmp_path / "export.zip", limits, ReadingOptions())

    number = found.counts["messages"]
    assert number.is_estimate
    assert 30_000 < number.number < 50_000
    assert not found.counts["rooms"].is_estimate
    assert expected
    about = f"and {number} messages."
    assert found.text.endswith(about)
    assert "about" in about
    assert about.count("0") >= 2


def test_only_a_sample_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    day = json.dumps([{"type": "message", "ts": "1", "text": "x" * 1000}] * 2_000)
    path = pack(
        tmp_path / "x.zip", {**SLACK, **{f"c/{n}.json": day for n in range(20)}}
    )
    taken = []
    original = counting.Sample.readinto

    def readinto(self: counting.Sample, buffer: Any) -> int:
        taken.append(original(self, buffer))
        return taken[-1]

    monkeypatch.setattr(counting.Sample, "readinto", readinto)

    text = detected(path)[1]

    assert text.endswith("about 40,000 messages.")
    assert sum(taken) <= counting.SAMPLE_BYTES + 100


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (
            "username,email\nann,ann@example.org\n",
            "This looks like a CSV table with 1 user.",
        ),
        (
            "Raum;Typ\nnews;public\nlab;private\n",
            "This looks like a CSV table with 2 rooms.",
        ),
        (
            f"{MEMBERS}\nann,ann@example.org,Admin,1,0,0,U1,Ann\n",
            "This looks like Slack's member list with 1 user.",
        ),
        (
            "Kennung;Kontakt\nanja;x\nbert;y\n",
            "This looks like a CSV table with 3 rows. Its columns are not recognized:"
            " assign them after the upload.",
        ),
    ],
)
def test_single_tables_are_detected_by_their_columns(
    content: str, text: str, tmp_path: Path
) -> None:
    path = tmp_path / "export.txt"
    path.write_text(content)

    key, found = detected(path)

    assert found == text
    assert key == ("slack-users" if "member list" in text else "csv")


def test_the_rows_of_a_long_table_are_estimated(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    rows = (f"user{n:06},user{n:06}@example.org\n" for n in range(160_000))
    path.write_text("username,email\n" + "".join(rows))

    assert detected(path)[1] == "This looks like a CSV table with about 160,000 users."


def test_a_workbook_is_detected(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "users"
    for row in (["username", "email"], ["ann", "a@example.org"], ["bo", "b@b.org"]):
        sheet.append(row)
    book.create_sheet("news").append(["ann", 1600000000000, "Hello"])
    book.save(tmp_path / "book")

    assert detected(tmp_path / "book") == (
        "csv",
        "This looks like an Excel workbook with 2 users and 1 message.",
    )


def test_workbooks_in_an_archive_are_not_counted(tmp_path: Path) -> None:
    path = pack(tmp_path / "x.zip", {"users.xlsx": "not opened", "a/b.csv": "a,1,b\n"})

    assert detected(path)[1] == "This looks like an archive of CSV tables."


@pytest.mark.parametrize(
    ("name", "content", "code", "text"),
    [
        ("a.csv", "", "importer-file-empty", "The file is empty"),
        (
            "a.pdf",
            "%PDF-1.7",
            "importer-not-a-zip",
            "is a PDF document. Upload a",
        ),
        ("a.txt", "Dear reader\n", "importer-kind-unknown", "a text without columns"),
        ("a.csv", "ann,1600000000000,hi\n" * 3, "importer-bare-messages", "a room"),
        ("a.jsonl", LINE, "importer-mattermost-export", "bulk export of Mattermost"),
    ],
)
def test_other_files_are_refused_with_what_was_found(
    name: str, content: str, code: str, text: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_text(content)

    error = refused(tmp_path / name)

    assert error.code == code
    assert text in error.message


@pytest.mark.parametrize(
    ("entries", "code", "text"),
    [
        (
            {**SLACK, "users.csv": "a,a@b.c\n"},
            "importer-kind-ambiguous",
            "such as users.json, and CSV tables. Choose the importer.",
        ),
        (
            {"import.jsonl": LINE, "data/x.png": ""},
            "importer-mattermost-export",
            "can't be imported",
        ),
        (
            {f"{n}.png": "" for n in range(7)},
            "importer-kind-unknown",
            "it is a ZIP archive with 0.png, 1.png, 2.png, 3.png, 4.png and 2 more.",
        ),
        ({"a/news.txt": "[10:00] ann: x"}, "importer-text-export", "text-only export"),
        ({"a/b/users.json": "[]", "c": ""}, "importer-lists-too-deep", "'a/b'"),
        ({"../users.json": "[]"}, "importer-zip-unsafe-name", "outside of the archive"),
        ({}, "importer-kind-unknown", "a ZIP archive with no files"),
    ],
)
def test_other_archives_are_refused_with_what_was_found(
    entries: dict[str, str], code: str, text: str, tmp_path: Path
) -> None:
    error = refused(pack(tmp_path / "x.zip", entries))

    assert error.code == code
    assert text in error.message


def test_a_damaged_file_in_an_archive_does_not_prevent_the_detection(
    tmp_path: Path,
) -> None:
    text = json.dumps([{"id": "C1"}, {"id": "C2"}])
    path = pack(tmp_path / "x.zip", {"users.json": "[]", "channels.json": text})
    content = path.read_bytes().replace(b'"C1"', b'"C9"', 1)  # not its checksum
    path.write_bytes(content)

    assert detected(path) == (
        "slack",
        "This looks like a Slack export with 0 users and 0 messages.",
    )


def test_many_small_files_are_sampled(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("users.json", "[]")
        for number in range(900):
            day = [{"ts": str(n)} for n in range(3)]
            archive.writestr(f"news/{number}.json", json.dumps(day))

    assert detected(path)[1].endswith("about 2,700 messages.")
