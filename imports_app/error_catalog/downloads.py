"""Why a file could not be fetched, be it an import's or a message's."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from imports_app.error_catalog.entry import Explanation

DOWNLOADS: Final = {
    "fetch-bad-address": Explanation(
        _("Not an address"),
        _("The address is none that a file can be fetched from."),
        _("Correct the address: http or https, and a host."),
    ),
    "fetch-forbidden-address": Explanation(
        _("Address not allowed"),
        _("Downloads don't go to private networks or to ports of other services."),
        _("Upload the file instead, or have the host put on DOWNLOAD_ALLOWED_HOSTS."),
    ),
    "fetch-bad-certificate": Explanation(
        _("Certificate not trusted"),
        _("The other server can't prove who it is."),
        _("Have its certificate renewed, or download the file and upload it here."),
    ),
    "fetch-unexpected-status": Explanation(
        _("Server says no"),
        _("The other server answers, but does not give the file."),
        _("Open the address in a browser: the file may be gone, or need a login."),
    ),
    "fetch-unexpected-type": Explanation(
        _("Another kind of content"),
        _("A web page came in the file's place; with Slack it is the login."),
        _("Export again for a new token, import that, and fetch once more."),
    ),
    "fetch-unexpected-encoding": Explanation(
        _("Compressed on the way"),
        _("The other server packed the file although it was asked not to."),
        _("Download the file by yourself and upload it here."),
    ),
    "fetch-too-large": Explanation(
        _("Too large"),
        _("The file has more bytes than this server takes in."),
        _("Have FILE_MAX_BYTES raised, and retry; or do without the file."),
    ),
    "fetch-too-slow": Explanation(
        _("Too slow"),
        _("The other server took too long, three times."),
        _("Retry later."),
    ),
    "fetch-broken-off": Explanation(
        _("Connection broke off"),
        _("The other server could not be reached, or hung up, three times."),
        _("Look whether it can be reached from here, and retry."),
    ),
    "fetch-too-many-redirects": Explanation(
        _("Sent in a circle"),
        _("Each address leads to another one."),
        _("Open the address in a browser, and use the one that it ends at."),
    ),
    "fetch-archive-gone": Explanation(
        _("Archive is gone"),
        _("The file was in an archive that is not kept any more."),
        _("Import the archive again, then fetch its files soon."),
    ),
    "fetch-ended": Explanation(
        _("Not fetched before the end"),
        _("The import was ended while the file was on its way."),
        _("Fetch once more."),
    ),
    "importer-not-wanted-any-more": Explanation(
        _("Not wanted any more"),
        _("The file is here already, or what it belonged to is gone."),
        _("There is nothing to do."),
    ),
}
"""By code."""
