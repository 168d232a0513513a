"""What is odd about a source without being a failure."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from imports_app.explanations.explanation import Explanation

FINDINGS: Final = {
    "importer-ambiguous-folder": Explanation(
        _("Two rooms, one folder"),
        _("Two rooms have the same name, so it is unclear whose messages these are."),
        _("Rename one of the rooms in the source."),
    ),
    "importer-bare-csv": Explanation(
        _("No archive"),
        _("A single CSV file was read as a list of users."),
        _("To bring in rooms and messages too, pack them with it in a ZIP archive."),
    ),
    "importer-canvases-not-imported": Explanation(
        _("Canvases"),
        _("There is nothing like canvases here."),
        _("Keep the export, or copy what matters by hand."),
    ),
    "importer-encoding": Explanation(
        _("Not in UTF-8"),
        _("The file was read as Windows-1252."),
        _("Look whether its letters are right; else save it in UTF-8."),
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
    "importer-folder-without-room": Explanation(
        _("Folder without a room"),
        _("No list names the room of this folder, so its messages will fail."),
        _("List the room, or remove the folder."),
    ),
    "importer-grid-teams": Explanation(
        _("Several workspaces"),
        _("Only what lies at the top of the export is imported."),
        _("Export each workspace by itself."),
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
        _("Nobody has one, so existing accounts are found by username alone."),
        _("Look whether usernames here and there are the same."),
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
    "importer-stray-quote": Explanation(
        _("Quote not closed"),
        _("The line was taken as it stands."),
        _("Look whether its text is right."),
    ),
    "importer-thread-without-root": Explanation(
        _("Replies to what is not there"),
        _("They are shown as ordinary messages."),
        _("Import the messages that they reply to, and they form threads again."),
    ),
    "importer-time-in-seconds": Explanation(
        _("Times in seconds"),
        _("They have too few digits for milliseconds, so they were taken for seconds."),
        _("Look whether the dates are right."),
    ),
    "importer-top-folder": Explanation(
        _("One folder around everything"),
        _("It was read as if it were not there."),
        _("There is nothing to do."),
    ),
    "importer-user-without-email": Explanation(
        _("Members without an address"),
        _("They were left out."),
        _("Create them by hand, if they are wanted."),
    ),
}
"""By code."""
