"""Guide of the JSONL importer."""

from __future__ import annotations

from typing import Final

from imports_app.importers.guide import Guide, Template

JSONL_GUIDE: Final = Guide(
    title="Export of an import server (JSONL)",
    purpose="Users, rooms, messages and files of another import server.",
    layout="""\
export-00001.jsonl: one object per line
  {"kind": "header", ...}
  {"kind": "user", "id": "U1", ...}
  {"kind": "room", "id": "R1", ...}
  {"kind": "message", "rid": "R1", ...}
files/: content of attached files
""",
    notes=(
        "Create the archive with manage.py export and the format jsonl.",
        "Roles are granted only if both the uploader and the user who starts the import"
        " may grant them.",
        "Download the files of the archive right after the import.",
    ),
    suffixes=(".zip", ".jsonl"),
    template=Template(
        "export-template.zip",
        {
            "export-00001.jsonl": """\
{"kind":"header","format":"import-server-export","version":1,"workspace":"T0TEMPLATE"}
{"kind":"user","id":"U0ANN","username":"ann.lee","name":"Ann Lee","type":"user",\
"active":true,"emails":[{"address":"ann@example.org"}]}
{"kind":"user","id":"U0BO","username":"bo.ek","name":"Bo Ek","type":"user",\
"active":true,"emails":[{"address":"bo@example.org"}]}
{"kind":"room","id":"R0NEWS","t":"c","name":"news","ts":"2020-09-13T12:26:40.000Z",\
"u":{"id":"U0ANN"},"uids":["U0ANN","U0BO"],"topic":"What is new"}
{"kind":"message","id":"M1","rid":"R0NEWS","u":{"id":"U0ANN"},\
"ts":"2020-09-13T12:26:41.000Z","msg":"Hello @bo.ek",\
"mentions":[{"id":"U0BO","username":"bo.ek"}],\
"reactions":{":wave:":{"userIds":["U0BO"]}}}
{"kind":"message","id":"M2","rid":"R0NEWS","u":{"id":"U0BO"},\
"ts":"2020-09-13T12:26:42.000Z","msg":"A reply in the thread","tmid":"M1"}
""",
        },
    ),
)
