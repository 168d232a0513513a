"""Reasons why a download failed or was skipped: imports, message files, avatars."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from imports_app.error_catalog.entry import Explanation

DOWNLOADS: Final = {
    "fetch-bad-address": Explanation(
        _("Invalid URL"),
        _("The address is not a URL that a file can be downloaded from."),
        _("Use an http or https URL with a host name."),
    ),
    "fetch-forbidden-address": Explanation(
        _("Address not allowed"),
        _(
            "Downloads from private networks and from ports of other services are"
            " blocked."
        ),
        _(
            "Upload the file instead, or ask the administrator to add the host to"
            " DOWNLOAD_ALLOWED_HOSTS."
        ),
    ),
    "fetch-bad-certificate": Explanation(
        _("Certificate not trusted"),
        _("The TLS certificate of the other server could not be verified."),
        _("Renew its certificate, or download the file yourself and upload it here."),
    ),
    "fetch-unexpected-status": Explanation(
        _("Unexpected response"),
        _("The other server responded, but did not return the file."),
        _(
            "Open the URL in a browser. The file may have been deleted, or may"
            " require a login."
        ),
    ),
    "fetch-unexpected-type": Explanation(
        _("Unexpected content type"),
        _(
            "The other server returned a web page instead of the file. With Slack, it"
            " is the login page."
        ),
        _(
            "Export again to get a new token, import that export, and download the"
            " files again."
        ),
    ),
    "fetch-unexpected-encoding": Explanation(
        _("Unexpected compression"),
        _(
            "The other server compressed the file although the request did not allow"
            " it."
        ),
        _("Download the file yourself and upload it here."),
    ),
    "fetch-too-large": Explanation(
        _("File too large"),
        _("The file is larger than the limit of this server."),
        _(
            "Ask the administrator to raise DOWNLOAD_MAX_BYTES (import files:"
            " FILE_MAX_BYTES), then retry."
        ),
    ),
    "fetch-too-slow": Explanation(
        _("Download timed out"),
        _("The download exceeded the time limit in three attempts."),
        _("Retry later."),
    ),
    "fetch-broken-off": Explanation(
        _("Connection failed"),
        _(
            "The connection could not be established, or was closed early, in three"
            " attempts."
        ),
        _("Check that this server can reach the other one, then retry."),
    ),
    "fetch-too-many-redirects": Explanation(
        _("Too many redirects"),
        _("The URL redirects too many times."),
        _("Open the URL in a browser, and use the address of the page that it shows."),
    ),
    "fetch-archive-gone": Explanation(
        _("Archive removed"),
        _(
            "The file was part of an uploaded archive that has been removed from the"
            " server."
        ),
        _(
            "Import the archive again, then download its files before the archive is"
            " removed."
        ),
    ),
    "fetch-ended": Explanation(
        _("Download cancelled"),
        _("The import was cancelled or replaced before the file was downloaded."),
        _("Start the download again."),
    ),
    "importer-not-wanted-any-more": Explanation(
        _("No longer needed"),
        _("The file already exists, or its message or user was deleted."),
        _("No action needed."),
    ),
}
"""Entries by code."""
