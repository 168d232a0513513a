"""Why a record failed or was skipped."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from imports_app.error_catalog.entry import Explanation

RECORDS: Final = {
    "importer-user-missing-email-and-username": Explanation(
        _("User without name and address"),
        _("A user needs an e-mail address or a username; this one has neither."),
        _("Add one of the two to the row, and import it again."),
    ),
    "importer-privileged-user-unconfirmed": Explanation(
        _("Privileged user, not confirmed"),
        _("It matches a user with extra rights, and nobody confirmed the match."),
        _("Retry the failed records, and confirm the match on the selection page."),
    ),
    "importer-user-already-exists": Explanation(
        _("User exists already"),
        _("This sort of import makes new users only, and there is such an account."),
        _("Leave the user out, or import a file: that completes existing accounts."),
    ),
    "importer-channel-missing-import-id": Explanation(
        _("Room without an id"),
        _("The source names no id for the room, so its messages can't find it."),
        _("Give the room an id in the source."),
    ),
    "importer-channel-unknown-privacy": Explanation(
        _("Private or public?"),
        _("The third column of channels.csv has a word that says neither."),
        _("Write private or public in the downloaded failures, and import them."),
    ),
    "importer-channel-missing-name": Explanation(
        _("Room without a name"),
        _("Nothing of its name can stand after a #."),
        _("Give the room a name of letters or digits, and import it again."),
    ),
    "importer-channel-missing-users": Explanation(
        _("Somebody of a direct room is missing"),
        _("A direct room needs all of its people, and one was left out or failed."),
        _("Select all of its people, or mend those who failed, and retry."),
    ),
    "importer-channel-invalid-creator": Explanation(
        _("Direct room without people"),
        _("The source lists nobody who is in it."),
        _("Add its people in the source, or leave the room out."),
    ),
    "importer-channel-name-taken": Explanation(
        _("Room name is taken"),
        _("Other rooms have the name, and the next ten like it."),
        _("Rename the room in the source, or one of those here, and retry."),
    ),
    "importer-message-unknown-user": Explanation(
        _("Author unknown"),
        _("The author is neither in the source nor an account here."),
        _("Add the author to the list of users or create the account, and retry."),
    ),
    "importer-message-unknown-room": Explanation(
        _("Room unknown"),
        _("The message's room is not listed in the source, or did not come in."),
        _("List the room, or mend what made it fail, and retry."),
    ),
    "importer-message-invalid-timestamp": Explanation(
        _("Time can't be read"),
        _("It is no time from 1990 to next year, or it can mean several moments."),
        _("Correct the time in the downloaded failures, and import them."),
    ),
    "importer-message-missing-recipient": Explanation(
        _("Direct message without recipient"),
        _("A direct message needs who it is from and who it is to."),
        _("Fill in both names in the downloaded failures, and import them."),
    ),
    "importer-message-malformed": Explanation(
        _("No message"),
        _("Where a message is expected, the file has something else."),
        _("Usually nothing is lost. If it is much, export the source again."),
    ),
    "importer-message-left-out": Explanation(
        _("Has no place here"),
        _("Messages of this sort say nothing outside of the source."),
        _("There is nothing to do."),
    ),
    "importer-record-malformed": Explanation(
        _("No record"),
        _("A list in the source has an element that describes nothing."),
        _("Usually nothing is lost. If it is much, export the source again."),
    ),
    "importer-json-damaged": Explanation(
        _("File broken off"),
        _("From this place on the file can't be read; what came before is in."),
        _("Export the source again, and import it: nothing is doubled."),
    ),
    "importer-cell-error": Explanation(
        _("Cell with an error"),
        _("The row has a cell that holds an error of Excel, such as #N/A."),
        _("Correct the formula of the cell, and import the workbook again."),
    ),
    "importer-row-nul": Explanation(
        _("Line is no text"),
        _("The line holds NUL bytes, as damaged files do."),
        _("Export the file again, or correct the line."),
    ),
    "importer-row-too-long": Explanation(
        _("Line too long"),
        _("The line is longer than any row should be; often a quote is not closed."),
        _("Look for a missing quote, or split the line."),
    ),
    "importer-row-too-short": Explanation(
        _("Columns missing"),
        _("The line has fewer columns than its file needs."),
        _("Fill the missing columns in the downloaded failures, and import them."),
    ),
    "importer-message-extra-columns": Explanation(
        _("Columns behind the text"),
        _("The row has more columns than its file names, so its text may be cut off."),
        _("Put quotes around text that holds commas, or assign the columns."),
    ),
    "importer-user-rejoined": Explanation(
        _("The same person twice"),
        _("Another user of the export has the same address: both become one user."),
        _("There is nothing to do."),
    ),
    "importer-value-too-long": Explanation(
        _("Value too long"),
        _("A name, an id or an address is longer than what can be stored."),
        _("Shorten it in the downloaded failures, and import them."),
    ),
    "importer-record-rejected": Explanation(
        _("Refused by the database"),
        _("The database does not take the record; the message says why."),
        _("Correct the value that the message names, and import it again."),
    ),
    "importer-not-selected": Explanation(
        _("Not selected"),
        _("It was left out when the import was started."),
        _("To bring it in, import the file again and select it."),
    ),
    "importer-contact-not-offered": Explanation(
        _("Contact, shown only"),
        _("Contacts are shown, and not imported: there is no place for them here."),
        _("There is nothing to do."),
    ),
}
"""By code."""
