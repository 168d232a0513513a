"""Report on a Slack export: type, missing files, and unsupported content."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from imports_app.errors import SourceError
from imports_app.importers.base import Report
from imports_app.importers.slack.directory import Directory
from imports_app.importers.slack.rooms import Rooms, team_of
from imports_app.sources.archives import Archive
from imports_app.sources.entry_table import Entry, EntryTable

_ROOTS: Final = frozenset(
    {
        *("users.json", "org_users.json", "channels.json"),
        *("groups.json", "mpims.json", "dms.json"),
    }
)
_IGNORED: Final = ("integration_logs.json", "canvases.json", "content_flags.json")
_CANVAS: Final = "/canvas_in_the_conversation.json"
_CANVAS_FOLDER: Final = "FC:"
_KNOWN_ROOTS: Final = frozenset({*_ROOTS, *_IGNORED})
"""Root files that are read or mentioned in a warning of their own."""
_MISSING: Final = {
    "groups.json": (
        "importer-no-private-channels",
        "The export has no groups.json, so private channels are not imported. Slack"
        " includes them only on plans that can export all conversations.",
    ),
    "dms.json": (
        "importer-no-direct-messages",
        "The export has no dms.json, so direct messages are not imported. Slack"
        " includes them only on plans that can export all conversations.",
    ),
    "channels.json": (
        "importer-no-channels-json",
        "The export has no channels.json, so public channels are not imported.",
    ),
}


def root_name(name: str) -> str:
    """Return the name of a file at the top, of the export or of a workspace.

    The case is ignored. Entries without such a name return an empty text.
    """
    team = team_of(name)
    known = name.removeprefix(team).lower()
    return team + known if known in _KNOWN_ROOTS else ""


def refuse_other_kinds(archive: Archive) -> None:
    """Refuse archives that are not JSON exports.

    Raises:
        SourceError: The archive is of another type.
    """
    if archive.root_files(_ROOTS):
        return
    if archive.root_files({"users.csv", "channels.csv"}):
        raise SourceError(
            "importer-wrong-archive",
            "This is an archive of CSV files. Choose the importer CSV archive.",
        )
    if any(entry.name.lower().endswith(".txt") for entry in archive.entries):
        raise SourceError(
            "importer-text-export",
            "This is a text-only export of one user's conversations, without user IDs."
            " Export the workspace as JSON.",
        )
    inner = [one.name for one in archive.entries if one.name.lower().endswith(".zip")]
    if inner:
        raise SourceError(
            "importer-archive-in-archive",
            f"The archive contains only another archive, {inner[0][:80]!r}. Extract"
            " it and upload the archive inside.",
        )
    deep = next((one for one in archive.entries if _is_deep_root(one.name)), None)
    if deep is not None:
        folder = deep.name.rpartition("/")[0]
        raise SourceError(
            "importer-lists-too-deep",
            f"The lists of users and rooms are in the folder {folder[:80]!r} instead"
            " of at the top of the archive. Create an archive of the folder's contents"
            " and upload that.",
        )
    raise SourceError(
        "importer-wrong-archive",
        "The archive has no users.json or channels.json at the top level. Upload the"
        " original archive from Slack.",
    )


def _is_deep_root(name: str) -> bool:
    """Return whether an entry is a list of users or rooms in a folder."""
    return name.rpartition("/")[2].lower() in _ROOTS


def note_contents(archive: Archive, days: int, report: Report) -> None:
    """Report the size of the export and unsupported content."""
    names = {entry.name for entry in archive.entries}
    report.facts["files of days"] = days
    report.facts["bytes unpacked"] = archive.unpacked_bytes
    if archive.top_folder is not None:
        report.warn(
            "importer-top-folder",
            f"All files are in the folder {archive.top_folder!r} instead of at the top"
            " of the archive. They were read from there.",
        )
    roots = {known: name for name in names if (known := root_name(name))}
    if not roots.keys() & {"users.json", "org_users.json"}:
        report.warn(
            "importer-no-users-json",
            "The export has no users.json, so all users become placeholder users"
            " without name and e-mail address.",
        )
    for name in _IGNORED:
        if name in roots:
            report.warn(
                "importer-files-not-imported",
                "Canvases, integration logs and content flags are not supported.",
                file=roots[name],
            )
    for name in filter(is_canvas, names):
        report.warn(*_CANVASES, file=name)
    if teams := set(filter(None, map(team_of, roots))):
        report.facts["workspaces"] = len(teams)
    deeper = sum(
        name.endswith(".json") and name.removeprefix(team_of(name)).count("/") > 1
        for name in names
        if team_of(name)
    )
    if deeper:
        report.warn(
            "importer-grid-teams",
            "Files in teams/ that are not directly in a room's folder are not imported"
            f" ({deeper}). Export each workspace separately.",
        )


def note_unread(entries: Iterable[Entry], report: Report) -> None:
    """Report the files that were not read."""
    for entry in entries:
        report.warn(
            "importer-files-unread",
            "These files have an unsupported type or location and were not read.",
            file=entry.name,
        )


def note_unread_messages(entry: Entry, number: int, report: Report) -> None:
    """Count the messages of a file that is not imported."""
    if number:
        report.count("messages in files that are not read", number)
        report.warn(
            "importer-messages-unread",
            "These files contain messages that are not imported. Move each file to the"
            " folder of its room.",
            file=entry.name,
        )


AMBIGUOUS_FOLDER: Final = "importer-ambiguous-folder"
HALF_CHARACTER: Final = (
    "importer-half-character",
    "Incomplete characters, such as half of an emoji, were replaced by \ufffd. Check"
    " the texts, or correct them in the source.",
)
_CANVASES: Final = (
    "importer-canvases-not-imported",
    "Canvases and their comments are not supported.",
)


def note_kind(archive: Archive, rooms: Rooms, report: Report) -> None:
    """Report the type of the export and missing room files, once rooms are read."""
    present = {
        name
        for entry in archive.entries
        if (name := root_name(entry.name).rpartition("/")[2]) in _MISSING
    }
    for name, (code, message) in _MISSING.items():
        if name not in present and _IS_IN.get(name) not in rooms.sorts:
            report.warn(code, message)
    if rooms.is_empty:
        return
    if archive.root_files({"users.json"}) or not archive.root_files({"org_users.json"}):
        kind = _CONVERSATIONS[rooms.has_private]
    else:
        kind = "This is an export of an organization (Enterprise Grid)."
    report.warn("importer-kind-of-export", kind)


_IS_IN: Final = {"groups.json": "is_private", "dms.json": "is_im"}
"""Flag of the rooms in each file; export tools may list rooms in other files."""
_CONVERSATIONS: Final = {
    True: "This is an export of all conversations. It includes private channels or"
    " direct messages.",
    False: "This is an export of public channels, as available on every Slack plan.",
}


def is_canvas(name: str) -> bool:
    """Return whether an entry belongs to a canvas."""
    return name.endswith(_CANVAS) or name.startswith(_CANVAS_FOLDER)


def _folder_of(day: Entry) -> str:
    return day.name.rpartition("/")[0]


def _folders_of(days: EntryTable) -> Iterator[tuple[str, str]]:
    """Yield each folder with its first entry."""
    # Hashes instead of names, to save memory with hundreds of thousands.
    seen: set[int] = set()
    for entry in days:
        folder = _folder_of(entry)
        if (key := hash(folder)) not in seen:
            seen.add(key)
            yield folder, entry.name


def note_folders(days: EntryTable, directory: Directory, report: Report) -> None:
    """Report folders without a room, rooms without messages, and missing addresses."""
    rooms = directory.rooms
    for folder, example in _folders_of(days):
        if rooms.is_ambiguous(folder):
            report.warn(
                "importer-folder-of-several-rooms",
                "Several private rooms have the name of this folder, so its messages"
                " will fail. Rename the folder to the ID of its room.",
                file=example,
            )
        elif rooms.find_by_folder(folder) is None:
            report.warn(
                "importer-folder-without-room",
                "The room of this folder is not in the export, so its messages will"
                " fail. Add the room to channels.json or groups.json.",
                file=example,
            )
        elif rooms.is_guessed(folder):
            report.guess(
                AMBIGUOUS_FOLDER,
                "Several rooms have the name of this folder. Its messages go to the"
                " private room, or else to the room that is not archived. To be sure,"
                " rename the folder to the ID of its room.",
                file=example,
            )
    if empty := rooms.count_without(map(_folder_of, days)):
        report.count("rooms without messages", empty)
    users = report.facts.get("users", 0) - report.facts.get("bots", 0)
    if users > 0 and report.facts.get("users without e-mail address", 0) >= users:
        report.warn(
            "importer-no-emails",
            "The export contains no e-mail addresses. Existing users are matched by"
            " import ID only; all other users are created as new users.",
        )
