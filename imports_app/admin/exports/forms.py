"""Form that starts an export."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminDateWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from config.errors import DomainError
from imports_app.exporters.base import FileMode
from imports_app.exporters.registry import EXPORTERS
from imports_app.models import WorkspaceExport
from imports_app.services.outgoing.exports import ExportSettings, check_settings
from imports_app.services.outgoing.selections import select

FORMAT_LABELS: Final = {
    "slack": _("Slack export, for Rocket.Chat and other servers"),
    "rocketchat-csv": _("CSV archives, for Rocket.Chat"),
    "mattermost": _("Bulk import, for Mattermost"),
    "jsonl": _("JSONL, for another import server"),
    "html": _("Static archive (HTML), to read in a browser"),
}
FILE_LABELS: Final = {
    FileMode.NONE: _("Not included"),
    FileMode.LINKS: _("Links to this server"),
    FileMode.CONTENT: _("Content included"),
}
_OPTIONS: Final = {
    "reactions": "has_reactions",
    "team": "team",
    "mail_domain": "mail_domain",
    "existing_users": "existing_users",
}


def format_label(key: str) -> Any:
    """Return the name of a format."""
    return FORMAT_LABELS.get(key, key)


class ExportForm(forms.ModelForm[WorkspaceExport]):
    """What to export, and how."""

    format = forms.ChoiceField(
        label=_("Format"),
        choices=[(key, format_label(key)) for key in sorted(EXPORTERS)],
        initial="slack",
        widget=UnfoldAdminSelectWidget,
    )
    file_mode = forms.ChoiceField(
        label=_("Files and avatars"),
        choices=list(FILE_LABELS.items()),
        initial=FileMode.NONE,
        widget=UnfoldAdminSelectWidget,
        help_text=_(
            "With links, the other server downloads the files from this one. Links"
            " require the setting BASE_URL, and work until the export expires or is"
            " deleted."
        ),
    )
    rooms = forms.CharField(
        label=_("Rooms"),
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=_("Names or IDs, one per line. Leave empty for all rooms."),
    )
    users = forms.CharField(
        label=_("Authors"),
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=_(
            "Usernames, one per line. Only their messages are exported. Leave empty"
            " for all messages."
        ),
    )
    since = forms.DateField(
        label=_("First day"), required=False, widget=UnfoldAdminDateWidget
    )
    until = forms.DateField(
        label=_("Last day"), required=False, widget=UnfoldAdminDateWidget
    )
    operation = forms.CharField(
        label=_("Import"),
        required=False,
        max_length=17,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("ID of an import, to export only what it created or changed."),
    )
    reactions = forms.BooleanField(
        label=_("Include reactions"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text=_("Slack export only. Rocket.Chat stores them incorrectly."),
    )
    team = forms.CharField(
        label=_("Team"),
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Mattermost only: name of the team that gets the rooms."),
    )
    mail_domain = forms.CharField(
        label=_("E-mail domain"),
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text=_(
            "Mattermost only: domain for the generated addresses of users without a"
            " valid e-mail address."
        ),
    )
    existing_users = forms.CharField(
        label=_("Existing users"),
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=_(
            "Mattermost only: usernames that already exist in Mattermost and must not"
            " be changed, one per line."
        ),
    )

    class Meta:
        model = WorkspaceExport
        fields: ClassVar[Sequence[str]] = ()

    def clean(self) -> dict[str, Any]:
        """Check the settings as a whole."""
        data: dict[str, Any] = super().clean() or {}
        if self.errors:
            return data
        try:
            self.wanted = _settings_of(data)
            check_settings(self.wanted)
        except DomainError as error:
            raise ValidationError(error.message) from error
        return data

    def _post_clean(self) -> None:
        """Leave the instance: the service creates the export."""


def _settings_of(data: dict[str, Any]) -> ExportSettings:
    values = {**data, "existing_users": _lines(data["existing_users"])}
    return ExportSettings(
        file_format=data["format"],
        files=FileMode(data["file_mode"]),
        selection=select(
            rooms=_lines(data["rooms"]) or None,
            users=_lines(data["users"]) or None,
            since=data["since"],
            until=data["until"],
            operation=data["operation"].strip() or None,
        ),
        options={
            option: values[name] for name, option in _OPTIONS.items() if values[name]
        },
    )


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
