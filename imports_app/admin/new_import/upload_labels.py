"""Texts for the upload script; the script fills in `{...}`."""

from __future__ import annotations

from django.utils.translation import gettext as _


def upload_texts() -> dict[str, str]:
    """Return the texts by the keys that new_import.js uses."""
    return {
        "selected": _("{name}, {size}"),
        "detected": _("Detected automatically"),
        "otherName": _(
            "Files for this importer usually end in {suffixes}. Check that this is the"
            " right file, or upload it anyway."
        ),
        "tooLarge": _(
            "The file is {size}, but the limit is {limit}. Split the file, or ask the"
            " administrator to raise FILE_MAX_BYTES."
        ),
        "folder": _("Folders can't be uploaded. Create a ZIP archive and upload that."),
        "several": _("Only one file can be uploaded at a time."),
        "checking": _("Checking …"),
        "uploading": _("Uploading"),
        "continuing": _("Continuing the upload of"),
        "paused": _("Paused:"),
        "waiting": _(
            "The connection was lost. The upload continues automatically; data sent so"
            " far is kept."
        ),
        "amount": _("{sent} of {total}"),
        "rate": _("{rate}/s"),
        "left": _("{time} left"),
        "seconds": _("{n} s"),
        "minutes": _("{n} min"),
        "hours": _("{n} h"),
        "announcement": _("{percent} percent uploaded, {time} left"),
        "processing": _("Upload complete. Processing …"),
        "pause": _("Pause upload"),
        "resume": _("Resume upload"),
        "cancelled": _("Upload cancelled. No data was kept."),
        "lost": _(
            "The connection was lost. Data sent so far is kept for one day. Try again."
        ),
        "unreadable": _("The file has changed or can't be read. Choose it again."),
        "refused": _(
            "Your session has expired, or you don't have permission to import. Log in"
            " again and choose the file again."
        ),
        "failed": _(
            "Something went wrong on the server. Try again, or ask the administrator."
        ),
        "logIn": _("Log in again"),
        "tryAgain": _("Try again"),
    }
