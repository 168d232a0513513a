"""Why an operation as a whole failed, or was ended."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from imports_app.error_catalog.entry import Explanation

OPERATIONS: Final = {
    "importer-cancelled": Explanation(
        _("Cancelled"),
        _("It was ended before it was done. What came in by then stays."),
        _("To bring in the rest, import the file again: nothing is doubled."),
    ),
    "importer-replaced": Explanation(
        _("Replaced"),
        _("Another import was started; only one can be current at a time."),
        _("Look at the later import. To bring in the rest, import the file again."),
    ),
    "error-importer-not-defined": Explanation(
        _("Importer is gone"),
        _("This release of the server has no such importer any more."),
        _("Start a new import with another importer."),
    ),
    "error-upload-quota-exceeded": Explanation(
        _("Upload quota exceeded"),
        _("The files that the server keeps of this user have reached the quota."),
        _("Ask its operator to remove old files or to raise the quota."),
    ),
    "importer-bare-messages": Explanation(
        _("Messages without a room"),
        _("A single file of messages does not say which room they are from."),
        _("Put it into a folder with the room's name, in a ZIP archive."),
    ),
    "importer-columns-unknown": Explanation(
        _("Columns are unclear"),
        _("It is not clear which column holds what."),
        _("Assign the columns on the import's page, or name them in the first row."),
    ),
    "importer-file-missing": Explanation(
        _("File is missing"),
        _("There is no file to read; it was not uploaded, or removed meanwhile."),
        _("Upload the file with a new import."),
    ),
    "importer-file-empty": Explanation(
        _("File is empty"),
        _("The file has no content."),
        _("Export it again, look at its size, and start a new import."),
    ),
    "importer-file-unreadable": Explanation(
        _("File can't be read"),
        _("The server could not read the file from its disk."),
        _("Ask its operator to look at the disk, then start a new import."),
    ),
    "importer-not-a-zip": Explanation(
        _("Wrong kind of file"),
        _("The file is not of the kind that this importer reads."),
        _("Choose the right file, or the importer that fits it."),
    ),
    "importer-wrong-archive": Explanation(
        _("Archive of something else"),
        _("The archive is not one that this importer reads."),
        _("Choose the right file, or the importer that fits it."),
    ),
    "importer-archive-in-archive": Explanation(
        _("Archive in an archive"),
        _("The archive holds nothing but another archive."),
        _("Unpack it, and start a new import with the archive in it."),
    ),
    "importer-lists-too-deep": Explanation(
        _("Lists in a folder"),
        _("The lists of users and rooms are not at the top of the archive."),
        _("Pack the contents of their folder, and start a new import with that."),
    ),
    "importer-text-export": Explanation(
        _("Export of texts"),
        _("This is one person's export as text, which names nobody's id."),
        _("Have the workspace exported as JSON, and start a new import with that."),
    ),
    "importer-nothing-found": Explanation(
        _("Nothing found"),
        _("There are no users, rooms or messages where the importer looks for them."),
        _("Compare the archive's layout with the importer's example."),
    ),
    "importer-zip-damaged": Explanation(
        _("Archive is damaged"),
        _("Parts of the archive are missing or changed, as after a broken download."),
        _("Download or export it again, and start a new import."),
    ),
    "importer-zip-encrypted": Explanation(
        _("Archive has a password"),
        _("Encrypted archives can't be read."),
        _("Pack it again without a password."),
    ),
    "importer-zip-unsafe-name": Explanation(
        _("Unsafe names in the archive"),
        _("A name in the archive leads out of its folder, as attacks do."),
        _("Export it again. If you don't know where it is from, don't import it."),
    ),
    "importer-zip-bomb": Explanation(
        _("Archive unpacks to far too much"),
        _("The archive is small, and what is in it is huge, as with attacks."),
        _("If you trust it, have the limits for archives raised in the settings."),
    ),
    "importer-workbook-damaged": Explanation(
        _("Workbook can't be read"),
        _("It is not what Excel and LibreOffice write, or it is damaged."),
        _("Open it in one of them and save it again, or save its sheets as CSV."),
    ),
    "importer-workbook-too-large": Explanation(
        _("Workbook is too large"),
        _("It has more cells, texts or formats than this server reads."),
        _("Save its sheets as CSV in UTF-8, and pack them in a ZIP archive."),
    ),
    "importer-zip-too-large": Explanation(
        _("Archive is too large"),
        _("Unpacked it is larger than this server reads."),
        _("Split it, or have ARCHIVE_MAX_BYTES raised in the settings."),
    ),
    "importer-zip-too-many-entries": Explanation(
        _("Too many files in the archive"),
        _("The archive has more files than this server reads."),
        _("Split it, or have ARCHIVE_MAX_ENTRIES raised in the settings."),
    ),
    "importer-storage-full": Explanation(
        _("Disk is full"),
        _("The server has no room left for the import."),
        _("Make room, and import the file again: what came in is not doubled."),
    ),
    "importer-internal-error": Explanation(
        _("The server's mistake"),
        _("Something happened that nobody expected. What came in by then stays."),
        _("Tell the server's operator the reference above; the log has the details."),
    ),
}
"""By code."""
