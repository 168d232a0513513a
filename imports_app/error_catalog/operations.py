"""Reasons why an import failed, was cancelled or was replaced."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from imports_app.error_catalog.entry import Explanation

OPERATIONS: Final = {
    "importer-cancelled": Explanation(
        _("Cancelled"),
        _("The import was cancelled. Records imported so far are kept."),
        _(
            "Select “Import the rest” on the page of the import, or import the file"
            " again. Existing records are not duplicated."
        ),
    ),
    "importer-replaced": Explanation(
        _("Replaced by a newer import"),
        _("Another import was started. Only one import can be active."),
        _(
            "Open the newer import. To import the rest of this one, import its file"
            " again."
        ),
    ),
    "importer-plan-changed": Explanation(
        _("Preview changed before the start"),
        _("The import would have done something other than its preview showed."),
        _("Review the new preview and start the import again."),
    ),
    "error-importer-not-defined": Explanation(
        _("Importer not available"),
        _("This version of the server does not have this importer."),
        _("Start a new import with another importer."),
    ),
    "error-upload-quota-exceeded": Explanation(
        _("Upload quota exceeded"),
        _("The files that this user has uploaded have reached the quota."),
        _("Ask the administrator to remove old files or to raise the quota."),
    ),
    "importer-bare-messages": Explanation(
        _("Messages without a room"),
        _("A single file of messages does not name the room of the messages."),
        _("Put it in a folder with the room's name, in a ZIP archive."),
    ),
    "importer-columns-unknown": Explanation(
        _("Unknown columns"),
        _("The contents of the columns could not be determined."),
        _(
            "Select “Assign columns” on the import's page, or name the columns in"
            " the first row."
        ),
    ),
    "importer-kind-ambiguous": Explanation(
        _("Ambiguous importer"),
        _("Several importers could read the file."),
        _("Choose the importer, or remove the files that do not belong to it."),
    ),
    "importer-kind-unknown": Explanation(
        _("Unknown type of file"),
        _("The content of the file does not match any importer."),
        _("Upload one of the supported files, or choose the importer."),
    ),
    "importer-mattermost-export": Explanation(
        _("Mattermost export"),
        _("Bulk exports of Mattermost can't be imported."),
        _("Convert the export to an archive of CSV tables."),
    ),
    "importer-file-missing": Explanation(
        _("File not found"),
        _("The file was not uploaded, or has been removed from the server."),
        _("Upload the file in a new import."),
    ),
    "importer-file-empty": Explanation(
        _("Empty file"),
        _("The file has no content."),
        _("Export it again, check its size, and start a new import."),
    ),
    "importer-file-unreadable": Explanation(
        _("File not readable"),
        _("The server could not read the file from its disk."),
        _("Ask the administrator to check the disk, then start a new import."),
    ),
    "importer-not-a-zip": Explanation(
        _("Wrong file type"),
        _("The importer does not support files of this type."),
        _("Choose another file, or the importer for this type of file."),
    ),
    "importer-wrong-archive": Explanation(
        _("Archive for another importer"),
        _("The archive has the format of another importer."),
        _("Start a new import with the importer that the message names."),
    ),
    "importer-newer-format": Explanation(
        _("Export of another release"),
        _("The export was written by a release with another version of the format."),
        _("Update this server, or export again with the same release."),
    ),
    "importer-archive-in-archive": Explanation(
        _("Archive inside an archive"),
        _("The archive contains only another archive."),
        _("Extract it, and start a new import with the archive inside."),
    ),
    "importer-workspace-unnamed": Explanation(
        _("Workspace without an ID"),
        _("The export names no workspace, and its user IDs belong to other users."),
        _("Add the team_id of the workspace to each user in users.json."),
    ),
    "importer-lists-too-deep": Explanation(
        _("Lists in a subfolder"),
        _("The lists of users and rooms are not at the top of the archive."),
        _("Create an archive of the subfolder's contents and import that."),
    ),
    "importer-text-export": Explanation(
        _("Text-only export without user IDs"),
        _("This is the text export of one user. It does not contain user IDs."),
        _("Export the workspace as JSON and start a new import with that file."),
    ),
    "importer-nothing-found": Explanation(
        _("Nothing to import"),
        _("No users, rooms or messages were found where the importer expects them."),
        _("Compare the archive with the importer's example."),
    ),
    "importer-zip-damaged": Explanation(
        _("Damaged archive"),
        _(
            "Parts of the archive are missing or damaged, often because of an"
            " incomplete download."
        ),
        _("Download or export it again, and start a new import."),
    ),
    "importer-zip-encrypted": Explanation(
        _("Password-protected archive"),
        _("Encrypted archives are not supported."),
        _("Create the archive without a password."),
    ),
    "importer-zip-unsafe-name": Explanation(
        _("Unsafe file names in the archive"),
        _("A file name in the archive points outside the archive, as in an attack."),
        _(
            "Export it again. If you don't know where the archive comes from, don't"
            " import it."
        ),
    ),
    "importer-zip-bomb": Explanation(
        _("Suspicious compression ratio"),
        _("The contents are far larger than the archive, as in an attack."),
        _(
            "If you trust the archive, ask the administrator to raise the limits for"
            " archives."
        ),
    ),
    "importer-workbook-damaged": Explanation(
        _("Workbook not readable"),
        _("The file is damaged, or is not a workbook of Excel or LibreOffice."),
        _("Open it in one of them and save it again, or save its sheets as CSV."),
    ),
    "importer-workbook-too-large": Explanation(
        _("Workbook too large"),
        _("The workbook exceeds the limit for cells, texts or formats."),
        _("Save its sheets as CSV in UTF-8, and pack them in a ZIP archive."),
    ),
    "importer-zip-too-large": Explanation(
        _("Archive too large"),
        _("The contents of the archive exceed the size limit."),
        _("Split the archive, or ask the administrator to raise ARCHIVE_MAX_BYTES."),
    ),
    "importer-zip-too-many-entries": Explanation(
        _("Too many files in the archive"),
        _("The number of files in the archive exceeds the limit."),
        _("Split the archive, or ask the administrator to raise ARCHIVE_MAX_ENTRIES."),
    ),
    "importer-prepared-data-lost": Explanation(
        _("Prepared messages lost"),
        _(
            "The messages that were read from the file are missing or damaged in the"
            " server's storage."
        ),
        _(
            "Start a new import. Ask the administrator to check that all workers use"
            " the same DATA_DIR or UPLOAD_STORAGE."
        ),
    ),
    "importer-corrections-not-applied": Explanation(
        _("Corrections not applied"),
        _(
            "The file was read differently than before, so the corrections can't be"
            " applied."
        ),
        _("Import the file again and correct the records."),
    ),
    "importer-server-upgraded": Explanation(
        _("Server upgraded"),
        _("The server was upgraded to a release that can't continue this import."),
        _("Import the file again. Records imported so far are not duplicated."),
    ),
    "importer-storage-full": Explanation(
        _("Disk full"),
        _("The server does not have enough free disk space for the import."),
        _(
            "Free disk space and import the file again. Existing records are not"
            " duplicated."
        ),
    ),
    "importer-storage-unavailable": Explanation(
        _("Storage unavailable"),
        _("The storage of uploads or of files did not answer."),
        _(
            "Ask the administrator to check UPLOAD_STORAGE and FILE_STORAGE, then"
            " import the file again."
        ),
    ),
    "importer-internal-error": Explanation(
        _("Internal error"),
        _("Something went wrong on the server. Records imported so far are kept."),
        _(
            "Send the reference above to the administrator. The server log has the"
            " details."
        ),
    ),
}
"""Entries by code."""
