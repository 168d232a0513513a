"""Reasons why a record failed or was skipped."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from imports_app.error_catalog.entry import Explanation

RECORDS: Final = {
    "importer-user-missing-email-and-username": Explanation(
        _("User without username and e-mail"),
        _("A user needs a username or an e-mail address. This one has neither."),
        _("Add one of them and import the user again."),
    ),
    "importer-user-missing-import-id": Explanation(
        _("User without an ID"),
        _(
            "The source has no ID for this user, so it cannot be linked to messages"
            " and rooms."
        ),
        _("Export the source again, or add the user's ID."),
    ),
    "importer-privileged-user-unconfirmed": Explanation(
        _("Unconfirmed privileged user"),
        _("The record matches a privileged user, and the match was not confirmed."),
        _("Retry the failed records and confirm the match under Review and import."),
    ),
    "importer-user-already-exists": Explanation(
        _("User already exists"),
        _("This type of import creates users only. It does not update existing users."),
        _("Deselect the user, or import a file. File imports update existing users."),
    ),
    "importer-channel-missing-import-id": Explanation(
        _("Room without an ID"),
        _("The source has no ID for this room, so messages cannot be assigned to it."),
        _("Add the room's ID in the source and import it again."),
    ),
    "importer-channel-unknown-privacy": Explanation(
        _("Invalid room type"),
        _("The third column of channels.csv must be private or public."),
        _("Correct the value in the downloaded failed records and import that file."),
    ),
    "importer-channel-missing-name": Explanation(
        _("Room without a name"),
        _("The room's name has no characters that are allowed in room names."),
        _("Give the room a name with letters or digits and import it again."),
    ),
    "importer-channel-missing-users": Explanation(
        _("Missing member of a direct message"),
        _(
            "All members of a direct message are required. One was deselected or"
            " failed."
        ),
        _("Select all members, or correct the failed ones, and retry."),
    ),
    "importer-channel-invalid-creator": Explanation(
        _("Direct message without members"),
        _("The source lists no members."),
        _("Add them in the source or deselect the room."),
    ),
    "importer-channel-name-taken": Explanation(
        _("Room name already used"),
        _("Other rooms use this name and the next ten variants of it."),
        _("Rename this room in the source, or one of the existing rooms, and retry."),
    ),
    "importer-message-unknown-user": Explanation(
        _("Unknown author"),
        _("The author is not in the source and not an existing user."),
        _("Add the author to the list of users or create the user, then retry."),
    ),
    "importer-message-unknown-room": Explanation(
        _("Unknown room"),
        _("The room of the message is not in the source, or was not imported."),
        _("Add the room to the list of rooms, or correct its own error, then retry."),
    ),
    "importer-message-invalid-timestamp": Explanation(
        _("Invalid timestamp"),
        _(
            "The timestamp is ambiguous, not readable, or not between 1990 and next"
            " year."
        ),
        _(
            "Correct it in the downloaded failed records. Use milliseconds since 1970"
            " or ISO 8601."
        ),
    ),
    "importer-message-missing-recipient": Explanation(
        _("Direct message without recipient"),
        _("A direct message needs a sender and one recipient."),
        _("Add both usernames in the downloaded failed records and import that file."),
    ),
    "importer-message-malformed": Explanation(
        _("Not a message"),
        _("The file contains an entry that is not a message."),
        _(
            "Usually no data is lost. If there are many of these entries, export the"
            " source again."
        ),
    ),
    "importer-message-left-out": Explanation(
        _("Unsupported message type"),
        _("Messages of this type are not supported."),
        _("No action needed."),
    ),
    "importer-record-malformed": Explanation(
        _("Not a valid record"),
        _("A list in the source contains an entry that is not a valid record."),
        _(
            "Usually no data is lost. If there are many of these entries, export the"
            " source again."
        ),
    ),
    "importer-json-damaged": Explanation(
        _("Damaged JSON file"),
        _(
            "The file can't be read from this position on. Earlier entries are"
            " imported."
        ),
        _(
            "Export the source again and import it. Existing records are not"
            " duplicated."
        ),
    ),
    "importer-cell-error": Explanation(
        _("Cell with an error"),
        _("A cell of the row contains an Excel error such as #N/A."),
        _("Correct the formula in the cell and import the workbook again."),
    ),
    "importer-row-nul": Explanation(
        _("Unreadable line"),
        _("The line contains NUL bytes. The file may be damaged."),
        _("Export the file again, or correct the line."),
    ),
    "importer-row-too-long": Explanation(
        _("Line too long"),
        _("The line exceeds the length limit. Often a quote is not closed."),
        _("Add the missing quote, or split the line."),
    ),
    "importer-row-too-short": Explanation(
        _("Missing columns"),
        _("The line has fewer columns than required."),
        _(
            "Add the missing columns in the downloaded failed records and import that"
            " file."
        ),
    ),
    "importer-message-extra-columns": Explanation(
        _("Values after the message text"),
        _("The row has more values than named columns. Its text may be cut off."),
        _("Put quotes around text that contains commas, or assign the columns."),
    ),
    "importer-user-rejoined": Explanation(
        _("Duplicate user"),
        _(
            "Another user of the export has the same e-mail address. Both become one"
            " user."
        ),
        _("No action needed."),
    ),
    "importer-value-too-long": Explanation(
        _("Value too long"),
        _("A name, an ID or an e-mail address exceeds the length limit."),
        _("Shorten it in the downloaded failed records and import that file."),
    ),
    "importer-record-rejected": Explanation(
        _("Rejected by the database"),
        _("The database rejected the record. The message gives the reason."),
        _("Correct the value that the message names and import the record again."),
    ),
    "importer-not-selected": Explanation(
        _("Not selected"),
        _("The record was not selected when the import was started."),
        _("To import it, import the file again and select it."),
    ),
    "importer-contact-not-offered": Explanation(
        _("Contacts not supported"),
        _("Contacts are shown but not imported."),
        _("No action needed."),
    ),
}
"""Entries by code."""
