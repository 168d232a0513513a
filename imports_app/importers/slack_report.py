"""What a person should know of a Slack export before it is imported."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from imports_app.errors import SourceError
from imports_app.importers.base import Report
from imports_app.importers.slack_people import Directory
from imports_app.sources.archives import Archive, Entry

_ROOTS: Final = frozenset(
    {
        *("users.json", "org_users.json", "channels.json"),
        *("groups.json", "mpims.json", "dms.json"),
    }
)
_IGNORED: Final = ("integration_logs.json", "canvases.json", "content_flags.json")
_IN_PRIVATE: Final = frozenset({"groups.json", "mpims.json", "dms.json"})
_CANVAS: Final = "/canvas_in_the_conversation.json"
_CANVAS_FOLDER: Final = "FC:"
_MISSING: Final = {
    "groups.json": (
        "importer-no-private-channels",
        "There is no groups.json: private channels are not in this export. Slack adds"
        " them on plans that may export all conversations.",
    ),
    "dms.json": (
        "importer-no-direct-messages",
        "There is no dms.json: direct messages are not in this export. Slack adds them"
        " on plans that may export all conversations.",
    ),
    "channels.json": (
        "importer-no-channels-json",
        "There is no channels.json: the export has no public channels.",
    ),
}


def refuse_other_kinds(archive: Archive) -> None:
    """Refuse archives that are no export in JSON.

    Raises:
        SourceError: It is of another kind.
    """
    if archive.root_files(_ROOTS):
        return
    if archive.root_files({"users.csv", "channels.csv"}):
        raise SourceError(
            "importer-wrong-archive",
            "This is an archive of CSV files: choose the importer for CSV.",
        )
    if any(entry.name.lower().endswith(".txt") for entry in archive.entries):
        raise SourceError(
            "importer-text-export",
            "This is the export of one person's conversations as text, which names"
            " nobody's id: export the workspace as JSON.",
        )
    raise SourceError(
        "importer-wrong-archive",
        "There is no users.json or channels.json at the top: choose the archive as"
        " Slack gave it to you.",
    )


def note_contents(archive: Archive, days: int, report: Report) -> None:
    """Note what kind of export it is, and what is not in it."""
    names = {entry.name for entry in archive.entries}
    report.warn("importer-kind-of-export", _kind_of(names))
    report.facts["files of days"] = days
    report.facts["bytes unpacked"] = archive.unpacked_bytes
    if archive.top_folder is not None:
        report.warn(
            "importer-top-folder",
            f"Everything lies in one folder, {archive.top_folder!r}, instead of at the"
            " top; it was read all the same.",
        )
    if not names & {"users.json", "org_users.json"}:
        report.warn(
            "importer-no-users-json",
            "There is no users.json: everybody is a placeholder without name and"
            " address.",
        )
    for name, (code, message) in _MISSING.items():
        if name not in names:
            report.warn(code, message)
    for name in _IGNORED:
        if name in names:
            report.warn(
                "importer-files-not-imported",
                "Canvases, logs of integrations and content flags have no place here.",
                file=name,
            )
    for name in filter(is_canvas, names):
        report.warn(*_CANVASES, file=name)
    if any(name.startswith("teams/") for name in names):
        report.warn(
            "importer-grid-teams",
            "Below teams/ are workspaces of an Enterprise Grid: only what lies at the"
            " top is imported. Export each workspace by itself.",
        )


_CANVASES: Final = (
    "importer-canvases-not-imported",
    "Canvases, and what was said about them, stay behind: there is nothing like them"
    " here.",
)


def _kind_of(names: set[str]) -> str:
    if "users.json" not in names and "org_users.json" in names:
        return "This is the export of an organisation (Enterprise Grid)."
    if names & _IN_PRIVATE:
        return (
            "This is an export of all conversations: private channels or direct"
            " messages are in it."
        )
    return "This is an export of public channels, as every plan of Slack gives it."


def is_canvas(name: str) -> bool:
    """Tell whether an entry belongs to a canvas, which is no conversation."""
    return name.endswith(_CANVAS) or name.startswith(_CANVAS_FOLDER)


def note_folders(days: Iterable[Entry], directory: Directory, report: Report) -> None:
    """Note what does not fit together, and what of users is missing."""
    folders: dict[str, str] = {}
    for entry in days:
        folders.setdefault(entry.name.partition("/")[0], entry.name)
    for folder, example in folders.items():
        if directory.room_of(folder) is None:
            report.warn(
                "importer-folder-without-room",
                "No file lists the room of this folder, so its messages will fail.",
                file=example,
            )
    if empty := directory.rooms_without(folders):
        report.count("rooms without messages", empty)
    users = report.facts.get("users", 0) - report.facts.get("bots", 0)
    if users > 0 and report.facts.get("users without e-mail address", 0) >= users:
        report.warn(
            "importer-no-emails",
            "Nobody has an e-mail address: Slack leaves them out unless the export may"
            " have them. Existing accounts are then found by username alone.",
        )
