"""Differences between this server and the published typings, with the reason.

An asterisk stands for any text. Each row must match a difference.
"""

from __future__ import annotations

from typing import Final

_OLD_FORM: Final = "Clients before 7.0 send an array of users or rooms."
_EMPTY: Final = "In some lists, but not in all, the typings accept an empty number."
_LATER: Final = "The typings accept it, and a later check of Rocket.Chat refuses it."

INPUTS: Final = {
    "users.create .username = *": _LATER,
    "users.create .email = *": _LATER,
    "users.create .password = *": _LATER,
    "roles.addUserToRole .roleId = *": _LATER,
    "roles.removeUserFromRole .roleId = *": _LATER,
    'users.info .username = ""': _LATER,
    '*.roomName = ""': _LATER,
    '*m.* .username = ""': _LATER,
    'channels.messages .roomId = ""': _LATER,
    'chat.get* = ""': "This server refuses it as unknown.",
    '*.offset = ""': _EMPTY,
    '*.count = ""': _EMPTY,
    "startImport .input.* = []": _OLD_FORM,
    "import.addUsers .users[].type = *": _LATER,
    "*.history .latest = *": _LATER,
    "*.history .oldest = *": _LATER,
    "groups.history .* = *": "The typings accept any text as a flag.",
    "users.info .username missing": (
        "This server refuses it as well, with the text of earlier versions."
    ),
    "roles.*UserToRole .roleId missing": _LATER,
    "roles.*UserFromRole .roleId missing": _LATER,
    "groups.files .additional": "The typings accept any other parameter.",
    "groups.list .*": "The function of the typings accepts everything.",
    "roles.getUsersInRole .role missing": (
        "Rocket.Chat refuses it with a text of its own, as this server does."
    ),
}
"""Inputs that one of the two accepts and the other refuses."""

ANSWERS: Final = {
    "getLatestImportOperations /ts *": (
        "An integer, as in the document that the server was specified with."
    ),
    "getCurrentImportOperation /ts *": "As in getLatestImportOperations.",
    "import.new /ts *": "As in getLatestImportOperations.",
    "import.status /ts *": "As in getLatestImportOperations.",
    "* /attachments/*": "An attachment matches several of the overlapping schemas.",
    "* must have required property 'u'": (
        "Rooms whose creator the source does not name have none."
    ),
    "roles.list *_updatedAt'": "Rocket.Chat leaves it out of the list as well.",
}
"""Answers that the typings refuse."""
