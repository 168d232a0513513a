"""Assumptions that importers and runs make, and how to check them."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from imports_app.error_catalog.entry import Explanation

GUESSES: Final = {
    "importer-account-status": Explanation(
        _("Unknown account status"),
        _("The value of the status is unknown. The user is created as deactivated."),
        _("Activate the users manually, or correct the status and import again."),
    ),
    "importer-ambiguous-folder": Explanation(
        _("Ambiguous folder"),
        _(
            "Several rooms have the same name, so the messages may belong to any of"
            " them."
        ),
        _("Rename one of the rooms in the source."),
    ),
    "importer-delimiter": Explanation(
        _("Delimiter"),
        _("The columns do not seem to be separated by commas."),
        _("Check the columns, or export the file with commas."),
    ),
    "importer-encoding": Explanation(
        _("Not UTF-8"),
        _("The file was read as Windows-1252 or Mac Roman."),
        _(
            "Check that letters with accents are correct. If not, save the file as"
            " UTF-8."
        ),
    ),
    "importer-half-character": Explanation(
        _("Incomplete character"),
        _(
            "A text contains half of a character, for example of an emoji that was cut"
            " off. It is shown as \ufffd."
        ),
        _("Check the text, or correct it in the source and import again."),
    ),
    "importer-matched-by-username": Explanation(
        _("Matched by username"),
        _(
            "Only the username suggests that this is the same person as the existing"
            " user."
        ),
        _("If it is a different person, rename one of them and import again."),
    ),
    "importer-repeated-user": Explanation(
        _("Two rows, one user"),
        _(
            "A row of users.csv has the username or an e-mail address of an earlier"
            " row."
        ),
        _("If they are two people, give each a unique username and e-mail address."),
    ),
    "importer-username-is-address": Explanation(
        _("E-mail address as username"),
        _(
            "The username is an e-mail address, and the row has no other address. It"
            " was read as the address, not as the username."
        ),
        _("To use it as the username, name the columns in the first row."),
    ),
    "importer-stray-quote": Explanation(
        _("Unclosed quote"),
        _("The quote was read as part of the text."),
        _("Check that the text is correct."),
    ),
    "importer-time-in-seconds": Explanation(
        _("Timestamps in seconds"),
        _(
            "The timestamps have too few digits for milliseconds and were read as"
            " seconds."
        ),
        _("Check that the dates are correct."),
    ),
    "importer-time-day-order": Explanation(
        _("Order of day and month"),
        _("The order was derived from other dates in the file."),
        _("Check the dates, or use ISO 8601 and import again."),
    ),
    "importer-time-excel": Explanation(
        _("Excel dates"),
        _("Numbers with five digits were read as Excel dates."),
        _("Check the dates, or use ISO 8601 and import again."),
    ),
    "importer-time-without-zone": Explanation(
        _("Timestamps without a time zone"),
        _("They were read as UTC."),
        _("Add the time zone, as in 2020-09-13T12:26:40+02:00, and import again."),
    ),
}
"""Entries by code."""
