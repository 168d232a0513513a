"""Labels of tables, fields, delimiters and encodings."""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from imports_app.importers.csv.fields import Table

TABLE_NAMES: Final[dict[Table, Any]] = {
    Table.USERS: _("Users"),
    Table.CHANNELS: _("Rooms"),
    Table.MESSAGES: _("Room messages"),
    Table.DIRECT: _("Direct messages"),
}
FIELD_NAMES: Final[dict[str, Any]] = {
    "username": _("Username"),
    "email": _("E-mail address"),
    "name": _("Name"),
    "first_name": _("First name"),
    "last_name": _("Last name"),
    "active": _("Account status"),
    "deactivated": _("Deactivated (yes or no)"),
    "creator": _("Creator"),
    "type": _("Type (private or public)"),
    "public": _("Public (yes or no)"),
    "members": _("Members"),
    "author": _("Author"),
    "recipient": _("Recipient"),
    "time": _("Time"),
    "text": _("Text"),
}
DELIMITER_NAMES: Final[dict[str, Any]] = {
    "": _("Detect automatically"),
    "comma": _("Comma"),
    "semicolon": _("Semicolon"),
    "tab": _("Tab"),
    "pipe": _("Vertical bar (|)"),
}
"""Labels by the keys of `DELIMITERS`."""
DETECT_ENCODING: Final = _("Detect automatically")
NOT_IMPORTED: Final = _("Not imported")
