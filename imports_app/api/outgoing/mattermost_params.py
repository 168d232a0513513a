"""Parameters of the endpoints of imports into Mattermost."""

from __future__ import annotations

from config.api.input.fields import Flag, Params, Text
from config.api.input.offsets import OffsetParams


class MattermostImportPage(OffsetParams):
    """A page of imports."""

    server = Text(required=False)
    export = Text(required=False)


class MattermostImportData(Params):
    """A new import."""

    export = Text(help_text="ID of a completed export of the format mattermost.")
    server = Text(help_text="Name of the connected server.")
    again = Flag(
        default=False,
        help_text="Import the archive even if Mattermost has already imported it.",
    )
