"""The files of messages: in the archive, at Slack, elsewhere, or gone."""

from __future__ import annotations

from typing import Any

import pytest

from config.files.stored_files import imported_files
from imports_app.models import FileState, MessageFile
from tests.cases.exports import at, lobby, said
from tests.cases.importing import Counted, Import, messages_in, texts_in
from tests.conftest import ApiClient
from tests.working import work

AT_SLACK = "https://files.slack.example"


def file(identity: str, name: str = "", **more: Any) -> dict[str, Any]:
    """Return a file as Slack describes it, without an address."""
    return {"id": identity, "name": name, "mode": "hosted", **more}


def fetch(api: ApiClient) -> None:
    """Fetch what is in archives, and nothing from the web."""
    inside = MessageFile.objects.filter(url__startswith="archive:")
    MessageFile.objects.exclude(pk__in=inside).update(state=FileState.LINK)
    api.post("downloadPendingFiles")
    work()


def content_of(identity: str) -> bytes:
    stored = MessageFile.objects.get(source_id=identity)
    assert stored.state == FileState.STORED
    with imported_files().open(stored.stored_name) as stream:
        content: bytes = stream.read()
    return content


@pytest.mark.parametrize(
    ("entry", "address"),
    [
        ("__uploads/F01/sketch of 9.10\u202fAM.png", f"{AT_SLACK}/F01"),
        ("lobby/attachments/F01-sketch.png", "attachments/F01-sketch.png"),
        ("lobby/attachments/F01-sketch.png", f"{AT_SLACK}/F01"),
        ("__uploads/F01/sketch.png", ""),
    ],
)
def test_a_file_whose_bytes_are_in_the_archive_is_taken_from_there(
    bring_in: Import, admin_api: ApiClient, entry: str, address: str
) -> None:
    sketch = file("F01", "sketch.png", url_private=address, mimetype="image/png")
    png = b"\x89PNG\r\n\x1a\n sketch"

    imported = bring_in(lobby(said("U01", "see", files=[sketch])) | {entry: png})

    assert imported.facts["files in the archive"] == 1
    assert not {"files to download", "files that Slack does not have any more"} & (
        imported.facts.keys()
    )
    assert "importer-files-unread" not in imported.warnings
    assert imported.counted("message") == Counted(imported=1)
    fetch(admin_api)
    assert content_of("F01") == png


def test_entities_in_names_of_files_are_decoded(bring_in: Import) -> None:
    here = file("F01", "a &amp; b.pdf", url_private=f"{AT_SLACK}/F01")
    gone = {"id": "F02", "name": "c &lt; d.pdf", "mode": "tombstone"}

    bring_in(lobby(said("U01", "see", files=[here, gone])))

    assert MessageFile.objects.get().name == "a & b.pdf"
    assert texts_in("lobby") == ["see\nFile not available: c < d.pdf"]


def test_a_file_inside_a_shared_message_belongs_to_the_one_that_shares_it(
    bring_in: Import, admin_api: ApiClient
) -> None:
    shared = {
        "is_share": True,
        "text": "the plan",
        "ts": at(-5),
        "files": [file("F01", "plan.txt", url_private=f"{AT_SLACK}/F01")],
    }

    bring_in(
        lobby(said("U01", "again", attachments=[shared]))
        | {"__uploads/F01/plan.txt": b"step one"}
    )

    [message] = messages_in("lobby")
    [attached] = MessageFile.objects.all()
    assert (attached.name, attached.message_import_id) == (
        "plan.txt",
        message.import_id,
    )
    fetch(admin_api)
    assert content_of("F01") == b"step one"


def test_files_are_pending_linked_or_counted_as_unavailable(bring_in: Import) -> None:
    cloud = {"is_external": True, "external_type": "drive"}
    imported = bring_in(
        lobby(
            said("U01", "no address", 1, files=[file("F01", "a.txt")]),
            said("U01", "deleted", 2, files=[file("F02", mode="tombstone")]),
            said("U01", "too old", 3, files=[file("F03", mode="hidden_by_limit")]),
            said("U01", "no access", 4, files=[file("F04", mode="file_access")]),
            said(
                "U01",
                "hosted",
                5,
                files=[
                    file(
                        "F05",
                        "größe.txt",
                        url_private_download=f"{AT_SLACK}/F05",
                        size=17,
                        mimetype="text/plain",
                    )
                ],
            ),
            said(
                "U01",
                "elsewhere",
                6,
                files=[
                    file("F06", "Doc", url_private="https://doc.example/x", **cloud)
                ],
            ),
        )
    )

    assert [
        (one.source_id, one.name, one.state, one.url, one.size)
        for one in MessageFile.objects.order_by("source_id")
    ] == [
        ("F05", "größe.txt", FileState.WAITING, f"{AT_SLACK}/F05", 17),
        ("F06", "Doc", FileState.LINK, "https://doc.example/x", None),
    ]
    wanted = {
        "files that Slack does not have any more": 4,
        "files to download": 1,
        "links to files elsewhere": 1,
    }
    assert wanted.items() <= imported.facts.items()
    assert imported.warnings["importer-files-are-gone"] == 4
    assert imported.warnings["importer-files-are-links"] == 1
    assert texts_in("lobby") == [
        "no address\nFile not available: a.txt",
        "deleted\nFile not available",
        "too old\nFile not available",
        "no access\nFile not available",
        *("hosted", "elsewhere"),
    ]


def test_a_message_names_its_unavailable_files(bring_in: Import) -> None:
    deleted = {"id": "F02", "name": None, "mode": "tombstone"}
    hidden = file("F03", "Untitled", title="Plans", mode="hidden_by_limit")
    kept = file("F04", "Untitled", title="Canvas", url_private=f"{AT_SLACK}/F04")

    imported = bring_in(
        lobby(
            said("U01", "", 1, files=[file("F01", "a.txt", mode="tombstone")]),
            said("U01", "", 2, files=[deleted, hidden]),
            said("U01", "", 3, files=[deleted, kept]),
            said("U01", "see", 4, files=[deleted]),
        )
    )

    assert texts_in("lobby") == [
        "File not available: a.txt",
        "File not available\nFile not available: Plans",
        "File not available",
        "see\nFile not available",
    ]
    assert "importer-message-without-text" not in imported.warnings
    assert [one.name for one in MessageFile.objects.all()] == ["Canvas"]
    assert imported.facts["files that Slack does not have any more"] == 5


def test_a_message_that_is_only_a_file_keeps_it(bring_in: Import) -> None:
    notes = file("F01", "", title="Notes", url_private=f"{AT_SLACK}/F01")

    bring_in(lobby(said("U01", "", files=[notes], upload=True)))

    [message] = messages_in("lobby")
    [attached] = MessageFile.objects.all()
    assert attached.message_import_id == message.import_id
    assert attached.name == "Notes"
