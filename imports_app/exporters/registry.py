"""The formats of an export, by name."""

from __future__ import annotations

from typing import Final

from imports_app.exporters.base import Exporter
from imports_app.exporters.html.archive import HtmlExporter
from imports_app.exporters.jsonl.archive import JsonlExporter
from imports_app.exporters.mattermost.archive import MattermostExporter
from imports_app.exporters.rocketchat_csv import RocketChatCsvExporter
from imports_app.exporters.slack.archive import SlackExporter

EXPORTERS: Final[dict[str, type[Exporter]]] = {
    exporter.key: exporter
    for exporter in (
        *(HtmlExporter, JsonlExporter, MattermostExporter),
        *(RocketChatCsvExporter, SlackExporter),
    )
}
