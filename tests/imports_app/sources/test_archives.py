"""Hostile archives are refused with a code and never unpacked."""

from __future__ import annotations

import io
import struct
import tempfile
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from imports_app.errors import SourceError
from imports_app.sources.archives import Archive
from imports_app.sources.limits import ArchiveLimits

LIMITS = ArchiveLimits(
    unpacked_bytes=50_000_000, entry_bytes=40_000_000, ratio=200, entries=100_000
)


def pack(path: Path, entries: dict[str, bytes]) -> Path:
    """Write an archive."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return path


def names_in(path: Path) -> list[str]:
    """Return the names of the entries."""
    with Archive(path, LIMITS) as archive:
        return [entry.name for entry in archive.entries]


def read_everything(path: Path, limits: ArchiveLimits) -> None:
    """Read every entry to its end."""
    with Archive(path, limits) as archive:
        for entry in archive.entries:
            with archive.read(entry) as stream:
                while stream.read(65536):
                    pass


def refusal(path: Path, limits: ArchiveLimits = LIMITS) -> str:
    """Return the error code of opening or reading the archive."""
    with pytest.raises(SourceError) as caught:
        read_everything(path, limits)
    assert caught.value.message.endswith(".")
    return str(caught.value.code)


def test_skips_macos_metadata(tmp_path: Path) -> None:
    content = {"users.csv": b"", "__MACOSX/._users.csv": b"", "a/.DS_Store": b""}

    assert names_in(pack(tmp_path / "a.zip", content)) == ["users.csv"]


def test_removes_a_single_top_folder(tmp_path: Path) -> None:
    content = {"team/users.csv": b"", "team/general/1.csv": b"", "__MACOSX/x": b""}

    with Archive(pack(tmp_path / "a.zip", content), LIMITS) as archive:
        names = [entry.name for entry in archive.entries]
        assert (archive.top_folder, names) == ("team", ["users.csv", "general/1.csv"])


def test_folder_of_a_room_is_not_a_top_folder(tmp_path: Path) -> None:
    assert names_in(pack(tmp_path / "a.zip", {"general/1.csv": b""})) == [
        "general/1.csv"
    ]


def test_converts_backslashes(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", {"users.csv": b"", "general/1.csv": b""})
    path.write_bytes(path.read_bytes().replace(b"general/", b"general\\"))

    assert names_in(path) == ["users.csv", "general/1.csv"]


def test_windows_folder_entries_are_skipped(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", {"users.csv": b"", "general+": b""})
    path.write_bytes(path.read_bytes().replace(b"general+", b"general\\"))

    assert names_in(path) == ["users.csv"]


def test_reads_names_without_encoding_flag(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", {"users.csv": b"", "café/1.csv": b""})
    data = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = data.find(mark)
        while start >= 0:
            data[start + offset + 1] &= ~0x08  # the flag that says UTF-8
            start = data.find(mark, start + 4)
    path.write_bytes(data)

    assert names_in(path) == ["users.csv", "café/1.csv"]


@pytest.mark.parametrize(
    "name", ["../users.csv", "a/../../b.csv", "/etc/passwd", "C:\\x.csv", "..\\x.csv"]
)
def test_refuses_names_outside_of_the_archive(tmp_path: Path, name: str) -> None:
    path = pack(tmp_path / "a.zip", {name: b"x"})

    assert refusal(path) == "importer-zip-unsafe-name"


def test_refuses_a_missing_file(tmp_path: Path) -> None:
    assert refusal(tmp_path / "gone.zip") == "importer-file-missing"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "importer-file-empty"),
        (b"\x89PNG\r\n", "importer-not-a-zip"),
        (b"PK\x03\x04 and no end", "importer-zip-damaged"),
    ],
)
def test_refuses_files_that_are_not_archives(
    tmp_path: Path, content: bytes, code: str
) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(content)

    assert refusal(path) == code


def test_refuses_an_incomplete_archive(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", {"users.csv": bytes(range(256)) * 100})
    path.write_bytes(path.read_bytes()[:-40])

    assert refusal(path) == "importer-zip-damaged"


def test_detects_damage_in_the_middle(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", {"users.csv": b"ann,ann@example.org,Ann\n" * 99})
    data = bytearray(path.read_bytes())
    data[60] ^= 0xFF
    path.write_bytes(data)

    assert refusal(path) == "importer-zip-damaged"


@given(st.data())
@hypothesis_settings(deadline=None)
def test_changed_bytes_only_raise_expected_errors(data: st.DataObject) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("users.csv", "ann,ann@example.org,Ann\n" * 9)
        archive.writestr("café/1.csv", "ann,1600000000000,hello\n" * 9)
    content = bytearray(file.getvalue())
    for _change in range(3):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] = data.draw(st.integers(0, 255))

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.zip"
        path.write_bytes(content)
        with suppress(SourceError):
            read_everything(path, LIMITS)


def test_refuses_encrypted_entries(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", {"users.csv": b"x"})
    data = bytearray(path.read_bytes())
    data[data.find(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)

    assert refusal(path) == "importer-zip-encrypted"


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_refuses_unsupported_compression_methods(tmp_path: Path, method: int) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("users.csv", b"x")

    assert refusal(path) == "importer-zip-damaged"


def test_refuses_a_zip_bomb(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", {"users.csv": bytes(30_000_000)})

    assert refusal(path) == "importer-zip-bomb"


def test_refuses_entries_over_the_limits(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", {"a/1.csv": bytes(1000), "a/2.csv": bytes(1000)})
    small = ArchiveLimits(unpacked_bytes=1500, entry_bytes=1500, ratio=200, entries=9)

    assert refusal(path, small) == "importer-zip-too-large"
    tiny = ArchiveLimits(unpacked_bytes=9000, entry_bytes=500, ratio=200, entries=9)
    assert refusal(path, tiny) == "importer-zip-too-large"


def test_accepts_seventy_thousand_entries_and_refuses_more_than_the_limit(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(70_000):
            archive.writestr(zipfile.ZipInfo(f"room/{number}.csv"), b"")

    assert len(names_in(path)) == 70_000
    few = ArchiveLimits(unpacked_bytes=9, entry_bytes=9, ratio=9, entries=69_999)
    assert refusal(path, few) == "importer-zip-too-many-entries"


def test_entry_with_a_wrong_size_is_damaged(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", {"users.csv": b"a" * 5000})
    data = bytearray(path.read_bytes())
    start = data.find(b"PK\x01\x02")
    struct.pack_into("<L", data, start + 24, 100)
    path.write_bytes(data)

    assert refusal(path) == "importer-zip-damaged"
