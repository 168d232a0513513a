"""What readers and runs guess, and what to check about it."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from imports_app.error_catalog.entry import Explanation

GUESSES: Final = {
    "importer-account-status": Explanation(
        _("Unknown status of an account"),
        _("The source says something else than active or deactivated."),
        _("Activate the accounts by hand, or correct the status and import again."),
    ),
    "importer-ambiguous-folder": Explanation(
        _("Two rooms, one folder"),
        _("Two rooms have the same name, so it is unclear whose messages these are."),
        _("Rename one of the rooms in the source."),
    ),
    "importer-delimiter": Explanation(
        _("Separator of columns"),
        _("The columns are not separated by commas, and nothing names the separator."),
        _("Check the columns, or export the file with commas."),
    ),
    "importer-encoding": Explanation(
        _("Not in UTF-8"),
        _("The file was read as Windows-1252 or Mac Roman."),
        _("Look whether its letters are right; else save it in UTF-8."),
    ),
    "importer-matched-by-username": Explanation(
        _("Matched by username"),
        _("Nothing but the username says that this is the same person."),
        _("If it is somebody else, rename one of the two and import again."),
    ),
    "importer-repeated-user": Explanation(
        _("Two rows, one account"),
        _("A row of users.csv has the username or an address of an earlier row."),
        _("If they are two people, give each a username and an address of their own."),
    ),
    "importer-username-is-address": Explanation(
        _("Address as username"),
        _("The username is an email address, and the row has no other address."),
        _("Name the columns in the first row if it is to be the username."),
    ),
    "importer-stray-quote": Explanation(
        _("Quote not closed"),
        _("The line was taken as it stands."),
        _("Look whether its text is right."),
    ),
    "importer-time-in-seconds": Explanation(
        _("Times in seconds"),
        _("They have too few digits for milliseconds, so they were taken for seconds."),
        _("Look whether the dates are right."),
    ),
    "importer-time-day-order": Explanation(
        _("Order of day and month"),
        _("Dates were read in the order that other dates of the file prove."),
        _("Check the dates, or write ISO 8601 and import again."),
    ),
    "importer-time-excel": Explanation(
        _("Days as Excel counts them"),
        _("Numbers of five digits were read as the days that Excel counts."),
        _("Check the dates, or write ISO 8601 and import again."),
    ),
    "importer-time-without-zone": Explanation(
        _("Times without a time zone"),
        _("They were read as UTC."),
        _("Add the time zone, as in 2020-09-13T12:26:40+02:00, and import again."),
    ),
}
"""By code."""
