"""Files of messages in every layout, and files that nothing reads."""

from __future__ import annotations

from typing import Any, Final

from tests.archives.slack.draft import ANN, HALL, SlackDraft, SlackOddity

_AT_SLACK: Final = "https://files.slack.example"
_UNREAD: Final = "importer-messages-unread"
_UNREAD_MESSAGES: Final = "messages in files that are not read"
_GONE: Final = "files that Slack does not have any more"


def files_of_advanced_exporter(draft: SlackDraft) -> None:
    """Bytes below `__uploads/<id>/<name>`, with and without an address."""
    for number, address in enumerate((f"{_AT_SLACK}/a", "")):
        file = _file(f"FUP{number}", "sketch.png", url_private=address)
        draft.files[f"__uploads/FUP{number}/sketch 9.10\u202fAM.png"] = b"\x89PNG"
        draft.say(HALL, ANN, "see", files=[file], says={"files": ("sketch.png",)})
        draft.effect.facts["files in the archive"] += 1


def files_of_slackdump(draft: SlackDraft) -> None:
    """Bytes below `<room>/attachments/<id>-<name>`."""
    address = "attachments/FDUMP-notes.txt"
    draft.files[f"{HALL}/{address}"] = b"notes"
    file = _file("FDUMP", "notes.txt", url_private=address)
    draft.say(HALL, ANN, "see", files=[file], says={"files": ("notes.txt",)})
    draft.effect.facts["files in the archive"] += 1


def file_inside_a_shared_message(draft: SlackDraft) -> None:
    """A file of a message that another one shares, with its bytes in the export."""
    file = _file("FIN", "plan.txt", url_private=f"{_AT_SLACK}/in")
    draft.files["__uploads/FIN/plan.txt"] = b"step one"
    draft.say(
        *(HALL, ANN, "again"),
        attachments=[{"is_share": True, "text": "the plan", "files": [file]}],
        says={"files": ("plan.txt",), "attached": ({"text": "the plan"},)},
    )
    draft.effect.facts["files in the archive"] += 1


def files_at_slack_and_elsewhere(draft: SlackDraft) -> None:
    """Files that are fetched later, and links to other services."""
    hosted = _file(
        "FHOST", "gr\u00f6\u00dfe.txt", url_private_download=f"{_AT_SLACK}/h"
    )
    draft.say(HALL, ANN, "", files=[hosted], says={"files": ("gr\u00f6\u00dfe.txt",)})
    cloud = _file("FEXT", "Doc", is_external=True, url_private="https://doc.example/x")
    draft.say(HALL, ANN, "", files=[cloud], says={"files": ("Doc",)})
    old = _file("FOLD", "Untitled", title="Plans", url_private=f"{_AT_SLACK}/o")
    says = {"files": ("Plans",)}
    draft.say(HALL, ANN, "", subtype="file_share", file=old, says=says)
    draft.effect.facts["files to download"] += 2
    draft.effect.facts["links to files elsewhere"] += 1
    draft.effect.warnings["importer-files-are-links"] += 2


def deleted_files(draft: SlackDraft) -> None:
    """Files that were deleted, or that the free plan hides."""
    deleted = _file("FDEL", "a.txt", mode="tombstone")
    hidden = {"id": "FHID", "mode": "hidden_by_limit", "url_private": _AT_SLACK}
    draft.say(HALL, ANN, "", shown="File not available: a.txt", files=[deleted])
    draft.say(HALL, ANN, "", shown="File not available", files=[hidden])
    draft.say(
        *(HALL, ANN, "see"),
        files=[deleted, _file("FNOT", "no address"), hidden],
        shown="see\nFile not available: a.txt\nFile not available: no address"
        "\nFile not available",
    )
    draft.effect.facts[_GONE] += 5
    draft.effect.warnings["importer-files-are-gone"] += 5


def unread_files(draft: SlackDraft) -> None:
    """Files that no part of the import comes from, and what Macs add."""
    for name, content in (
        ("read.me", "hello"),
        ("CLOOSE.json", {"messages": []}),
        (f"{HALL}/photo.png", b"\x89PNG"),
        (f"{HALL}/2021/03-01.json", [{"type": "message"}]),
    ):
        draft.files[name] = content
        draft.effect.warnings["importer-files-unread"] += 1
    draft.effect.warnings[_UNREAD] += 1
    draft.effect.facts[_UNREAD_MESSAGES] += 1
    draft.files |= {
        f"__MACOSX/{HALL}/._2021-03-01.json": b"\0\5\26\7",
        f"{HALL}/.DS_Store": b"\0\0\0\1Bud1",
    }


def canvases_and_logs(draft: SlackDraft) -> None:
    """Parts of an export that have no place in a workspace of rooms."""
    for name in ("integration_logs.json", "canvases.json", "content_flags.json"):
        draft.files[name] = []
        draft.effect.warnings["importer-files-not-imported"] += 1
    draft.files[f"{HALL}/canvas_in_the_conversation.json"] = [{"id": "F1"}]
    draft.files["FC:F01:Plan/2021-03-01.json"] = [draft.message(ANN, "on a canvas")]
    draft.effect.warnings["importer-canvases-not-imported"] += 2


def workspaces_of_an_organization(draft: SlackDraft) -> None:
    """Rooms and people below `teams/<name>/`, with names that clash."""
    sales, lab = "teams/sales/", "teams/lab/"
    draft.person("UIDA", "ida", "ida@sales.example", file=f"{sales}users.json")
    draft.room("CDEALS", "deals", "UIDA", file=f"{sales}channels.json")
    draft.room(
        *("CHALL2", HALL, "UIDA"), file=f"{sales}channels.json", label="sales-hall"
    )
    for team, identity, name in ((sales, "GTB1", "board"), (lab, "GTB2", "lab-board")):
        file = f"{team}groups.json"
        draft.room(identity, "board", ANN, kind="p", file=file, label=name)
        draft.say(f"{team}board", ANN, f"of {name}", room=name)
    draft.say(
        f"{sales}deals", "UIDA", "see <#CHALL2>", room="deals", shown="see #sales-hall"
    )
    draft.say(f"{sales}{HALL}", "UIDA", "for sales", room="sales-hall")
    draft.effect.facts["workspaces"] += 2


def nested_workspace_files(draft: SlackDraft) -> None:
    """Messages of a workspace in a layout that is not read."""
    draft.files["teams/south/2021/deals/03-01.json"] = [{"type": "message"}]
    draft.effect.warnings["importer-grid-teams"] += 1
    draft.effect.warnings["importer-files-unread"] += 1
    draft.effect.warnings[_UNREAD] += 1
    draft.effect.facts[_UNREAD_MESSAGES] += 1


def _file(identity: str, name: str, **more: Any) -> dict[str, Any]:
    return {"id": identity, "name": name, "mode": "hosted", **more}


ODDITIES: Final[tuple[SlackOddity, ...]] = (
    files_of_advanced_exporter,
    files_of_slackdump,
    file_inside_a_shared_message,
    files_at_slack_and_elsewhere,
    deleted_files,
    unread_files,
    canvases_and_logs,
    workspaces_of_an_organization,
    nested_workspace_files,
)
