"""What is odd about a source without being a failure."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from imports_app.error_catalog.entry import Explanation

FINDINGS: Final = {
    "importer-bad-address": Explanation(
        _("No e-mail address"),
        _("The source has a value that is not a valid email address."),
        _("Correct it in the source, or add the address to the account by hand."),
    ),
    "importer-bare-csv": Explanation(
        _("No archive"),
        _("A single CSV file was read, as a list of what its columns show."),
        _("To bring in rooms and messages too, pack them with it in a ZIP archive."),
    ),
    "importer-columns-not-imported": Explanation(
        _("Columns that are not imported"),
        _("The header names columns that have no place in the workspace."),
        _("There is nothing to do, unless one of them should be another column."),
    ),
    "importer-canvases-not-imported": Explanation(
        _("Canvases"),
        _("There is nothing like canvases here."),
        _("Keep the export, or copy what matters by hand."),
    ),
    "importer-files-are-gone": Explanation(
        _("Files without an address"),
        _("They were deleted, or the free plan hides them."),
        _("If they matter, get them from Slack before the plan ends."),
    ),
    "importer-files-are-links": Explanation(
        _("Files are links"),
        _("The export has the addresses of files, not the files."),
        _("Fetch them once the messages are in, before the export's token runs out."),
    ),
    "importer-files-not-imported": Explanation(
        _("Left out"),
        _("These parts of the export have no place here."),
        _("There is nothing to do."),
    ),
    "importer-files-unread": Explanation(
        _("Files that are not read"),
        _("They are none of the files that a Slack export has."),
        _("If they hold messages, put them into their room's folder."),
    ),
    "importer-folder-of-several-rooms": Explanation(
        _("Folder of several private rooms"),
        _("Several private rooms have its name, and it may hold either's messages."),
        _("Rename the folder to the ID of the right room and import again."),
    ),
    "importer-folder-without-room": Explanation(
        _("Folder without a room"),
        _("No list names the room of this folder, so its messages will fail."),
        _("List the room, or remove the folder."),
    ),
    "importer-grid-teams": Explanation(
        _("Workspace files not imported"),
        _("They lie deeper than in the folders of rooms, and were not read."),
        _("Export each workspace by itself."),
    ),
    "importer-formulas-not-calculated": Explanation(
        _("Formulas without results"),
        _("The workbook has formulas whose results were never stored."),
        _("Open it in Excel or LibreOffice, save it and import it again."),
    ),
    "importer-columns-remembered": Explanation(
        _("Columns as assigned before"),
        _("You assigned the columns of such a file in an earlier import."),
        _("There is nothing to do; to change it, assign the columns again."),
    ),
    "importer-sheets-unread": Explanation(
        _("Further sheets"),
        _("A workbook in an archive has more than one sheet; the first was read."),
        _("Save each further sheet as a file of its own in the archive."),
    ),
    "importer-header-row": Explanation(
        _("Row of headings"),
        _("The first row names the columns; it was left out."),
        _("There is nothing to do."),
    ),
    "importer-kind-of-export": Explanation(
        _("Kind of export"),
        _("It decides which conversations are in the export."),
        _("If something is missing, ask Slack for an export of all conversations."),
    ),
    "importer-left-out-apps": Explanation(
        _("Notes about apps"),
        _("Apps do not come over, nor do notes that one was added or removed."),
        _("There is nothing to do."),
    ),
    "importer-left-out-deleted": Explanation(
        _("Deleted messages"),
        _("Slack keeps only a mark that there was one."),
        _("There is nothing to do."),
    ),
    "importer-left-out-empty": Explanation(
        _("Empty notes"),
        _("Notes of Slack's own that have neither text nor file."),
        _("There is nothing to do."),
    ),
    "importer-left-out-file-comments": Explanation(
        _("Comments on files"),
        _("Files have no conversations of their own here."),
        _("Keep the export, or copy what matters by hand."),
    ),
    "importer-left-out-versions": Explanation(
        _("Earlier texts of edited messages"),
        _("A compliance export holds each version of a message."),
        _("Keep the export: the earlier texts are only there."),
    ),
    "importer-left-out-deleted-texts": Explanation(
        _("Texts of deleted messages"),
        _("A compliance export holds the text of a message that was deleted in Slack."),
        _("Keep the export: the deleted texts are only there."),
    ),
    "importer-left-out-hidden": Explanation(
        _("Hidden messages"),
        _("Slack does not show them to anybody either."),
        _("There is nothing to do."),
    ),
    "importer-left-out-no-message": Explanation(
        _("No messages"),
        _("They stand among messages, and are none."),
        _("There is nothing to do."),
    ),
    "importer-looked-at-in-part": Explanation(
        _("Looked at in part"),
        _("The export is large, so some of the numbers are estimates."),
        _("Have the file read: that counts everything."),
    ),
    "importer-no-channels-csv": Explanation(
        _("No channels.csv"),
        _("The archive lists no rooms."),
        _("If it should bring rooms, put channels.csv at its top."),
    ),
    "importer-no-channels-json": Explanation(
        _("No channels.json"),
        _("The export lists no public channels."),
        _("If there should be some, export again."),
    ),
    "importer-no-direct-messages": Explanation(
        _("No direct messages"),
        _("Slack leaves them out of this sort of export."),
        _("To bring them in, ask Slack for an export of all conversations."),
    ),
    "importer-no-emails": Explanation(
        _("No e-mail addresses"),
        _("Nobody has one, so only ids of earlier imports lead to accounts."),
        _("If people have accounts here already, export with e-mail addresses."),
    ),
    "importer-no-private-channels": Explanation(
        _("No private channels"),
        _("Slack leaves them out of this sort of export."),
        _("To bring them in, ask Slack for an export of all conversations."),
    ),
    "importer-no-users-csv": Explanation(
        _("No users.csv"),
        _("The archive lists no users; authors are looked for among accounts."),
        _("If it should bring users, put users.csv at its top."),
    ),
    "importer-no-users-json": Explanation(
        _("No users.json"),
        _("Everybody becomes a placeholder without name and address."),
        _("Export again: a complete export has this file."),
    ),
    "importer-message-without-author": Explanation(
        _("Messages without an author"),
        _("The source names neither a user nor a bot for these messages."),
        _("There is nothing to do, unless the export was edited."),
    ),
    "importer-placeholder-bot": Explanation(
        _("Bots without a profile"),
        _("Bots that only messages name get accounts."),
        _("There is nothing to do."),
    ),
    "importer-placeholder-user": Explanation(
        _("People without a profile"),
        _("People whom only messages or rooms name get accounts, switched off."),
        _("Switch on who should log in, on the page of users."),
    ),
    "importer-row-extra-columns": Explanation(
        _("Too many columns"),
        _("What stands behind the last known column was left out."),
        _("Put quotes around text that holds commas."),
    ),
    "importer-spreadsheets": Explanation(
        _("Spreadsheets"),
        _("Of spreadsheets, only .xlsx files are read."),
        _("Save them as .xlsx or each sheet as CSV in UTF-8, and import again."),
    ),
    "importer-same-time": Explanation(
        _("Messages of the same time"),
        _("Different messages of one room have the same time; all are kept."),
        _("Look whether some are other versions of the same message."),
    ),
    "importer-message-without-text": Explanation(
        _("Messages without text"),
        _("The source has neither a text nor a file for these messages."),
        _("Look whether the source is complete."),
    ),
    "importer-messages-unread": Explanation(
        _("Messages that are not read"),
        _("They are in files that lie where no room has its messages."),
        _("Put each file into the folder of its room, and import again."),
    ),
    "importer-placeholders-created": Explanation(
        _("Placeholder users created"),
        _("People in direct messages are listed nowhere else in the source."),
        _("Add them to the source, so that they get their names and addresses."),
    ),
    "importer-thread-without-root": Explanation(
        _("Replies to what is not there"),
        _("They are shown as ordinary messages."),
        _("Import the messages that they reply to, and they form threads again."),
    ),
    "importer-top-folder": Explanation(
        _("One folder around everything"),
        _("It was read as if it were not there."),
        _("There is nothing to do."),
    ),
    "importer-unknown-creator": Explanation(
        _("Unknown creators"),
        _("The creator of a room is neither in the source nor a user here."),
        _("Add the creator to the source, or change the room's owner later."),
    ),
    "importer-unknown-members": Explanation(
        _("Unknown members"),
        _("Members of rooms are neither in the source nor users here."),
        _("Add them to the source; what separates members is a semicolon."),
    ),
    "importer-unknown-partners": Explanation(
        _("Unknown people in direct messages"),
        _("They are neither in the source nor users here."),
        _("Add them to the source, so that they get their names and addresses."),
    ),
    "importer-room-name-changed": Explanation(
        _("Changed names of rooms"),
        _("Names of rooms have no blanks or emoji here, and each has one room only."),
        _("Rename the rooms in the source if these names do not fit."),
    ),
    "importer-username-changed": Explanation(
        _("Changed usernames"),
        _("A username may have Latin letters, digits, dots, dashes and underscores."),
        _("There is nothing to do; the names of the people stay as they are."),
    ),
    "importer-unknown-blocks": Explanation(
        _("Blocks of unknown kinds"),
        _("Apps wrote blocks that this release does not know; their text is kept."),
        _("Look whether something is missing in these messages."),
    ),
    "importer-user-stays-deactivated": Explanation(
        _("Active in the source, deactivated here"),
        _("The account is deactivated here, and an import activates nobody."),
        _("Activate the account by hand if it should be used again."),
    ),
    "importer-user-without-email": Explanation(
        _("Members without an address"),
        _("They were left out."),
        _("Create them by hand, if they are wanted."),
    ),
}
"""By code."""
