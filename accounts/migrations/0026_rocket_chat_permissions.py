"""Create Rocket.Chat's permissions that have no effect here, with its defaults."""

from __future__ import annotations

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

# Permissions of Rocket.Chat 6 to 8, by the roles that hold them by default. Roles that
# this server doesn't have (livechat, auditors, federation) are omitted.
DEFAULTS: tuple[tuple[str, str], ...] = (
    ("", "add-user-to-any-p-room kick-user-from-any-p-room inbound-voip-calls"),
    (
        "admin",
        "abac-management access-mailer access-setting-permissions add-all-to-room"
        " add-oauth-service add-user-to-any-c-room assign-roles bulk-register-user"
        " can-audit can-audit-log clean-channel-history clear-oembed-cache delete-d"
        " edit-other-user-avatar edit-other-user-e2ee edit-other-user-totp"
        " edit-privileged-setting edit-room-retention-policy get-server-info"
        " kick-user-from-any-c-room logout-device-management logout-other-user"
        " mail-messages manage-apps manage-assets manage-cloud manage-email-inbox"
        " manage-emoji manage-incoming-integrations manage-moderation-actions"
        " manage-oauth-apps manage-own-incoming-integrations"
        " manage-own-outgoing-integrations manage-selected-settings manage-sounds"
        " manage-user-status register-on-cloud remove-slackbridge-links restart-server"
        " run-migration send-mail sync-auth-services-users test-admin-options"
        " unarchive-room user-generate-access-token view-all-teams"
        " view-device-management view-engagement-dashboard view-federation-data"
        " view-full-other-user-info view-join-code view-logs view-moderation-console"
        " view-other-user-channels view-privileged-setting",
    ),
    (
        "admin",  # livechat and calls
        "add-livechat-department-agents block-livechat-contact"
        " change-livechat-room-visitor close-livechat-room close-others-livechat-room"
        " create-livechat-contact delete-livechat-contact"
        " edit-livechat-room-customfields edit-omnichannel-contact"
        " manage-agent-extension-association manage-livechat-agents"
        " manage-livechat-canned-responses manage-livechat-departments"
        " manage-livechat-managers manage-livechat-monitors manage-livechat-priorities"
        " manage-livechat-sla manage-livechat-tags manage-livechat-units"
        " manage-voip-call-settings manage-voip-contact-center-settings"
        " manage-voip-extensions on-hold-livechat-room on-hold-others-livechat-room"
        " outbound-voip-calls remove-canned-responses remove-closed-livechat-room"
        " remove-closed-livechat-rooms remove-livechat-department"
        " request-pdf-transcript save-all-canned-responses save-canned-responses"
        " save-department-canned-responses save-others-livechat-room-info"
        " send-omnichannel-chat-transcript spy-voip-calls transfer-livechat-guest"
        " unblock-livechat-contact update-livechat-contact"
        " view-agent-extension-association view-canned-responses view-l-room"
        " view-livechat-analytics view-livechat-appearance"
        " view-livechat-business-hours view-livechat-contact"
        " view-livechat-contact-history view-livechat-current-chats"
        " view-livechat-customfields view-livechat-departments"
        " view-livechat-installation view-livechat-manager view-livechat-queue"
        " view-livechat-real-time-monitoring view-livechat-reports"
        " view-livechat-room-closed-by-another-agent"
        " view-livechat-room-closed-same-department view-livechat-room-customfields"
        " view-livechat-rooms view-livechat-triggers view-livechat-webhooks"
        " view-omnichannel-contact-center",
    ),
    (
        "admin owner",
        "archive-room convert-team delete-c delete-p delete-team edit-team"
        " force-delete-message set-leader set-moderator set-owner"
        " set-react-when-readonly set-readonly toggle-room-e2e-encryption"
        " view-all-team-channels",
    ),
    (
        "admin owner moderator",
        "add-team-member add-user-to-joined-room ban-user create-invite-links"
        " create-team-channel create-team-group delete-message delete-team-channel"
        " delete-team-group edit-message edit-room edit-room-avatar edit-team-channel"
        " edit-team-member move-room-to-team mute-user pin-message post-readonly"
        " remove-team-channel remove-user view-broadcast-member-list",
    ),
    (
        "admin owner moderator user",
        "call-management mention-all mention-here videoconf-ring-users"
        " view-outside-room",
    ),
    (
        "admin user",
        "access-federation access-marketplace allow-external-voice-calls"
        " allow-internal-voice-calls create-team delete-own-message"
        " export-messages-as-pdf mobile-upload-file test-push-notifications"
        " view-user-voip-extension view-voip-extension-details",
    ),
    ("admin user bot app", "create-c create-d create-p"),
    ("admin user bot app anonymous", "leave-c leave-p view-c-room"),
    ("admin user app guest", "start-discussion"),
    ("admin user app owner", "start-discussion-other-user"),
    ("admin user guest anonymous", "view-p-room"),
    ("admin user anonymous", "preview-c-room"),
    ("admin bot app", "join-without-join-code send-many-messages"),
    ("bot app", "bypass-time-limit-edit-and-delete message-impersonate"),
    ("bot app guest anonymous", "view-joined-room"),
)


def create(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    role_model = apps.get_model("accounts", "Role")
    permission_model = apps.get_model("accounts", "UnusedPermission")
    roles = {role.public_id: role for role in role_model.objects.filter(protected=True)}
    holders_of = {
        name: holders.split() for holders, names in DEFAULTS for name in names.split()
    }
    permission_model.objects.bulk_create(
        permission_model(name=name) for name in sorted(holders_of)
    )
    through = permission_model.roles.through
    through.objects.bulk_create(
        through(unusedpermission_id=permission.pk, role_id=roles[holder].pk)
        for permission in permission_model.objects.all()
        for holder in holders_of[permission.name]
    )


def remove(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("accounts", "UnusedPermission").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("accounts", "0025_unused_permissions")]
    operations = [migrations.RunPython(create, remove)]
