"""Findings about a source that are not failures."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from imports_app.error_catalog.entry import Explanation

FINDINGS: Final = {
    "importer-bad-address": Explanation(
        _("Invalid e-mail address"),
        _(
            "The source has a value that is not a valid e-mail address. The notes of"
            " the user's record say why."
        ),
        _("Correct the address in the source, or add it to the user after the import."),
    ),
    "importer-bare-csv": Explanation(
        _("Single CSV file"),
        _(
            "The upload is one CSV file. It was read as a list of users or rooms,"
            " depending on its columns."
        ),
        _("To import rooms and messages as well, pack all files in one ZIP archive."),
    ),
    "importer-columns-not-imported": Explanation(
        _("Columns not imported"),
        _("The header names columns that are not supported."),
        _(
            "No action needed. If one of them is a supported column, select “Assign"
            " columns” on the import's page."
        ),
    ),
    "importer-canvases-not-imported": Explanation(
        _("Canvases not imported"),
        _("Slack canvases are not supported."),
        _("Keep the export, or copy important content manually."),
    ),
    "importer-detected": Explanation(
        _("Detected type of file"),
        _("The importer was detected by the content of the file."),
        _("If the type is wrong, select “Change importer” on the import's page."),
    ),
    "importer-files-are-gone": Explanation(
        _("Files without a URL"),
        _("The files were deleted in Slack, or the free plan hides them."),
        _("To import hidden files, upgrade the Slack plan and export again."),
    ),
    "importer-files-are-links": Explanation(
        _("Files are links"),
        _("The export contains the URLs of files, not the files."),
        _(
            "Download the files before you start the import. The links expire with the"
            " export's token."
        ),
    ),
    "importer-files-not-imported": Explanation(
        _("Not supported"),
        _("These parts of the export are not supported."),
        _("No action needed."),
    ),
    "importer-files-unread": Explanation(
        _("Unknown files"),
        _("These files have an unsupported type or location and were not read."),
        _("If they contain messages, move them to their room's folder."),
    ),
    "importer-folder-of-several-rooms": Explanation(
        _("Folder of several private rooms"),
        _(
            "Several private rooms have this name, so the folder may hold messages of"
            " any of them."
        ),
        _("Rename the folder to the ID of the correct room and import again."),
    ),
    "importer-folder-without-room": Explanation(
        _("Folder without a room"),
        _("No list contains a room for this folder. Its messages will fail."),
        _("Add the room to the list, or remove the folder."),
    ),
    "importer-grid-teams": Explanation(
        _("Subfolders of workspaces not imported"),
        _("Files in subfolders of the workspaces in teams/ were not read."),
        _("Export and import each workspace separately."),
    ),
    "importer-formulas-not-calculated": Explanation(
        _("Formulas without results"),
        _("The workbook has formulas without stored results."),
        _("Open it in Excel or LibreOffice, save it and import it again."),
    ),
    "importer-columns-remembered": Explanation(
        _("Remembered columns"),
        _("The columns were assigned as in an earlier import of a similar file."),
        _("No action needed. To change them, assign the columns again."),
    ),
    "importer-sheets-unread": Explanation(
        _("More than one sheet"),
        _("A workbook in the archive has several sheets. Only the first was read."),
        _("Save each further sheet as a separate file in the archive."),
    ),
    "importer-header-row": Explanation(
        _("Header row"),
        _("The first row contains column names and was not imported as a record."),
        _("No action needed."),
    ),
    "importer-kind-of-export": Explanation(
        _("Type of export"),
        _("The type determines which conversations the export contains."),
        _(
            "If conversations are missing, request an export of all conversations"
            " from Slack."
        ),
    ),
    "importer-left-out-apps": Explanation(
        _("App notifications"),
        _("Notifications that an app was added or removed are not supported."),
        _("No action needed."),
    ),
    "importer-left-out-deleted": Explanation(
        _("Deleted messages"),
        _("Slack keeps only a marker for a deleted message."),
        _("No action needed."),
    ),
    "importer-left-out-empty": Explanation(
        _("Empty notifications"),
        _("Slack's own notifications without a text or a file were skipped."),
        _("No action needed."),
    ),
    "importer-left-out-file-comments": Explanation(
        _("Comments on files"),
        _("Comments on files are not supported."),
        _("Keep the export, or copy important content manually."),
    ),
    "importer-left-out-versions": Explanation(
        _("Earlier versions of messages"),
        _(
            "A compliance export contains every version of a message. Only the last"
            " one is imported."
        ),
        _("Keep the export if you need the earlier versions."),
    ),
    "importer-left-out-deleted-texts": Explanation(
        _("Texts of deleted messages"),
        _(
            "A compliance export contains the texts of deleted messages. They are not"
            " imported."
        ),
        _("Keep the export if you need these texts."),
    ),
    "importer-left-out-hidden": Explanation(
        _("Hidden messages"),
        _("Slack does not show these messages to users."),
        _("No action needed."),
    ),
    "importer-left-out-no-message": Explanation(
        _("Entries that are not messages"),
        _("Entries that are not messages were skipped."),
        _("No action needed."),
    ),
    "importer-looked-at-in-part": Explanation(
        _("Quick check"),
        _("The export is large, so some of the numbers are estimates."),
        _("Read the file to count everything."),
    ),
    "importer-no-channels-csv": Explanation(
        _("No channels.csv"),
        _("The archive has no list of rooms."),
        _("To import rooms, add channels.csv at the top level of the archive."),
    ),
    "importer-no-channels-json": Explanation(
        _("No channels.json"),
        _("The export has no list of public channels."),
        _("If the workspace has public channels, export it again."),
    ),
    "importer-no-direct-messages": Explanation(
        _("No direct messages"),
        _("This type of export does not contain direct messages."),
        _("To import them, request an export of all conversations from Slack."),
    ),
    "importer-no-emails": Explanation(
        _("No e-mail addresses"),
        _(
            "The users have no e-mail address, so they can be matched only by import"
            " ID."
        ),
        _("If the users already exist here, export with e-mail addresses."),
    ),
    "importer-no-private-channels": Explanation(
        _("No private channels"),
        _("This type of export does not contain private channels."),
        _("To import them, request an export of all conversations from Slack."),
    ),
    "importer-no-users-csv": Explanation(
        _("No users.csv"),
        _("The archive has no list of users. Authors are matched to existing users."),
        _("To import users, add users.csv at the top level of the archive."),
    ),
    "importer-no-users-json": Explanation(
        _("No users.json"),
        _("The export has no list of users. All users become placeholder users."),
        _("Export again. A complete export contains this file."),
    ),
    "importer-message-without-author": Explanation(
        _("Messages without an author"),
        _("The source names neither a user nor a bot for these messages."),
        _("No action is needed unless the export was edited."),
    ),
    "importer-placeholder-bot": Explanation(
        _("Placeholder bots"),
        _("Bots that appear only in messages are created without a profile."),
        _("No action needed."),
    ),
    "importer-placeholder-user": Explanation(
        _("Placeholder users"),
        _(
            "Users who appear only in messages or rooms are created as deactivated"
            " placeholder users."
        ),
        _(
            "To let a placeholder user log in, activate the user and set a password on"
            " the user's page."
        ),
    ),
    "importer-row-extra-columns": Explanation(
        _("Too many columns"),
        _("Values after the last known column were ignored."),
        _("Put quotes around text that contains commas."),
    ),
    "importer-spreadsheets": Explanation(
        _("Unsupported spreadsheets"),
        _("Only spreadsheets in the .xlsx format are read."),
        _("Save them as .xlsx, or each sheet as CSV in UTF-8, and import again."),
    ),
    "importer-same-time": Explanation(
        _("Messages with the same timestamp"),
        _(
            "Different messages of one room have the same timestamp. All of them are"
            " kept."
        ),
        _("Check whether some are versions of the same message."),
    ),
    "importer-message-without-text": Explanation(
        _("Messages without text"),
        _("The source has neither a text nor a file for these messages."),
        _("Check whether the source is complete."),
    ),
    "importer-messages-unread": Explanation(
        _("Messages in unread files"),
        _("These files are outside the folders of rooms."),
        _("Move each file to the folder of its room, and import again."),
    ),
    "importer-placeholders-created": Explanation(
        _("Placeholder users created"),
        _("The source does not list these members of direct messages as users."),
        _("To give them names and addresses, add them to the users of the source."),
    ),
    "importer-thread-without-root": Explanation(
        _("Replies without a thread"),
        _(
            "The message that they reply to is missing, so they are shown as ordinary"
            " messages."
        ),
        _("Import the missing messages. The replies then become threads again."),
    ),
    "importer-top-folder": Explanation(
        _("Enclosing folder"),
        _("The archive has one folder around all files. It was ignored."),
        _("No action needed."),
    ),
    "importer-unknown-creator": Explanation(
        _("Unknown creators"),
        _(
            "A room has no creator, or the creator is unknown: not in the source and"
            " not an existing user."
        ),
        _(
            "Add the creator to the source, or change the room's owner after the"
            " import."
        ),
    ),
    "importer-unknown-members": Explanation(
        _("Unknown members"),
        _("Some room members are not in the source and not existing users."),
        _("Add them to the source. Separate members with semicolons."),
    ),
    "importer-unknown-partners": Explanation(
        _("Unknown users in direct messages"),
        _("Some members are not in the source and not existing users."),
        _("Add them to the source to import their names and e-mail addresses."),
    ),
    "importer-room-name-changed": Explanation(
        _("Changed room names"),
        _("Room names can't contain spaces or emoji, and must be unique."),
        _("To choose other names, rename the rooms in the source."),
    ),
    "importer-username-changed": Explanation(
        _("Changed usernames"),
        _(
            "Usernames may contain only Latin letters, digits, dots, hyphens and"
            " underscores."
        ),
        _("No action needed. The display names do not change."),
    ),
    "importer-unknown-blocks": Explanation(
        _("Unknown block types"),
        _(
            "Messages of apps contain blocks of unknown types. Only their text is"
            " imported."
        ),
        _("Check whether content is missing in these messages."),
    ),
    "importer-room-stays-active": Explanation(
        _("Archived in the source, active here"),
        _(
            "The existing room is not archived. Imports archive existing rooms only"
            " if the option is selected."
        ),
        _("Archive the room manually, or select the option before the start."),
    ),
    "importer-user-stays-deactivated": Explanation(
        _("Active in the source, deactivated here"),
        _("The user is deactivated here. Imports do not activate users."),
        _("Activate the user manually if needed."),
    ),
    "importer-user-without-email": Explanation(
        _("Members without an e-mail address"),
        _("Members without an e-mail address were skipped."),
        _("Add the addresses and import again, or create the users manually."),
    ),
}
"""Entries by code."""
