"""Guides of the two Slack importers."""

from __future__ import annotations

from typing import Final

from imports_app.importers.guide import Guide, Template

SLACK_GUIDE: Final = Guide(
    title="Slack export",
    purpose=(
        "For moving from Slack: the ZIP archive of a workspace export, unchanged."
    ),
    layout="""\
users.json: all users, also deactivated
channels.json: public channels
groups.json: private channels, if any
dms.json, mpims.json: direct messages
news/2020-09-13.json: one day of a channel
  [{"type": "message", "user": "U0ANN",
    "text": "Hello, all",
    "ts": "1600000001.000200"}]
""",
    notes=(
        "A workspace owner or admin can create the archive in Slack: workspace"
        " settings, Import/Export Data, Export. Slack sends an e-mail when it is done.",
        "Most plans export public channels only. Private channels and direct messages"
        " require an export of all conversations, which Slack must approve.",
        "The export contains links to files, and the links expire. Upload the archive"
        " soon, and download the files before you start the import.",
        "Don't unpack or repack the archive.",
    ),
    suffixes=(".zip",),
    template=Template(
        "slack-template.zip",
        {
            "users.json": """\
[
  {"id": "U0ANN", "name": "ann.lee", "deleted": false, "is_bot": false,
   "profile": {"real_name": "Ann Lee", "email": "ann@example.org"}},
  {"id": "U0BO", "name": "bo.ek", "deleted": false, "is_bot": false,
   "profile": {"real_name": "Bo Ek", "email": "bo@example.org"}}
]
""",
            "channels.json": """\
[
  {"id": "C0NEWS", "name": "news", "created": 1600000000, "creator": "U0ANN",
   "is_archived": false, "members": ["U0ANN", "U0BO"],
   "topic": {"value": "What is new"}, "purpose": {"value": "For everybody"}}
]
""",
            "groups.json": """\
[
  {"id": "G0LAB", "name": "lab", "created": 1600000000, "creator": "U0BO",
   "is_archived": false, "members": ["U0ANN", "U0BO"],
   "topic": {"value": ""}, "purpose": {"value": ""}}
]
""",
            "dms.json": """\
[
  {"id": "D0AB", "created": 1600000000, "members": ["U0ANN", "U0BO"]}
]
""",
            "news/2020-09-13.json": """\
[
  {"type": "message", "user": "U0ANN", "text": "Hello <@U0BO> &amp; all",
   "ts": "1600000001.000200", "thread_ts": "1600000001.000200",
   "reactions": [{"name": "wave", "users": ["U0BO"], "count": 1}]},
  {"type": "message", "user": "U0BO", "text": "A reply in the thread",
   "ts": "1600000002.000300", "thread_ts": "1600000001.000200"}
]
""",
            "lab/2020-09-13.json": """\
[
  {"type": "message", "user": "U0BO", "text": "In a private room",
   "ts": "1600000100.000100"}
]
""",
            "D0AB/2020-09-13.json": """\
[
  {"type": "message", "user": "U0ANN", "text": "Are you coming?",
   "ts": "1600000200.000100"}
]
""",
        },
    ),
)

SLACK_USERS_GUIDE: Final = Guide(
    title="Slack member list",
    purpose="For importing users only: the member list of a workspace as a CSV file.",
    layout="""\
username,email,status,billing-active,...
ann.lee,ann@example.org,Admin,1,...
bo.ek,bo@example.org,Member,1,...

All columns: username, email, status,
billing-active, has-2fa, has-sso, userid,
fullname, displayname,
expiration-timestamp
""",
    notes=(
        "A workspace owner or admin can export the file in Slack: Manage members,"
        " Export member list.",
        "Members without an e-mail address are skipped.",
        "Deactivated members become deactivated users. Slack admins get the role admin"
        " only if both the uploader and the user who starts the import may grant it.",
    ),
    suffixes=(".csv",),
    template=Template(
        "slack-members-template.csv",
        "username,email,status,billing-active,has-2fa,has-sso,userid,fullname,"
        "displayname,expiration-timestamp\n"
        "ann.lee,ann@example.org,Member,1,0,0,U0ANN,Ann Lee,ann,\n"
        "bo.ek,bo@example.org,Member,1,0,0,U0BO,Bo Ek,bo,\n"
        "cy.roe,cy@example.org,Deactivated,0,0,0,U0CY,Cy Roe,cy,\n",
    ),
)
