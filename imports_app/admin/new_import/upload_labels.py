"""What the script of the new import says; `{...}` is filled in by it."""

from __future__ import annotations

from django.utils.translation import gettext as _


def upload_texts() -> dict[str, str]:
    """Return its texts by the names that new_import.js uses."""
    return {
        "chosen": _("{name}, {size}"),
        "otherName": _(
            "Files of this kind end in {suffixes}. Look whether it is the right one;"
            " you can send it all the same."
        ),
        "tooLarge": _(
            "The file has {size}, and this server takes {limit}. Split it, or ask an"
            " operator to raise FILE_MAX_BYTES."
        ),
        "folder": _("That is a folder. Pack it as a ZIP archive, and drop that."),
        "several": _("Drop one file at a time."),
        "asking": _("Asking the server …"),
        "sending": _("Sending"),
        "amount": _("{sent} of {total}"),
        "rate": _("{rate} a second"),
        "left": _("{time} left"),
        "seconds": _("{n} s"),
        "minutes": _("{n} min"),
        "hours": _("{n} h"),
        "said": _("{percent} percent sent, {time} left"),
        "looking": _("It is all there. The server looks into it …"),
        "cancelled": _("You cancelled it. Nothing was kept."),
        "lost": _("The connection was lost. Nothing was kept; try again."),
        "refused": _(
            "You are not logged in any more, or may not import. Log in again, then"
            " choose the file once more."
        ),
        "failed": _("The server made a mistake. Try again, or ask an operator."),
        "logIn": _("Log in again"),
        "tryAgain": _("Try again"),
    }
