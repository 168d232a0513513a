"""Tables of deliveries to connected servers."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import config.db.clock
import config.db.ids


class Migration(migrations.Migration):
    dependencies = [
        ("imports_app", "0032_mirror"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Delivery",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                (
                    "public_id",
                    models.CharField(
                        default=config.db.ids.new_public_id,
                        max_length=17,
                        unique=True,
                        verbose_name="ID",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("planning", "Preparing the preview"),
                            ("preview", "Ready to start"),
                            ("running", "In progress"),
                            ("blocked", "Waiting for another import there"),
                            ("completed", "Completed"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="planning",
                        max_length=9,
                        verbose_name="state",
                    ),
                ),
                (
                    "step",
                    models.CharField(
                        choices=[
                            ("accounts", "Create missing users"),
                            ("binding", "Connect existing users"),
                            ("archives", "Write archives"),
                            ("parts", "Import archives"),
                            ("avatars", "Download avatars"),
                            ("files", "Download files"),
                            ("members", "Add members to existing rooms"),
                            ("verifying", "Verify by reading back"),
                        ],
                        default="accounts",
                        max_length=9,
                        verbose_name="step",
                    ),
                ),
                ("by_command", models.BooleanField(default=False)),
                (
                    "records_failed",
                    models.PositiveIntegerField(
                        default=0, verbose_name="records that failed"
                    ),
                ),
                (
                    "avatars_failed",
                    models.PositiveIntegerField(
                        default=0, verbose_name="missing avatars"
                    ),
                ),
                (
                    "files_failed",
                    models.PositiveIntegerField(
                        default=0, verbose_name="missing files"
                    ),
                ),
                ("rooms", models.JSONField(null=True)),
                ("since", models.DateField(null=True)),
                ("until", models.DateField(null=True)),
                ("matches_usernames", models.BooleanField(default=False)),
                ("has_files", models.BooleanField(default=False)),
                ("replaces_foreign", models.BooleanField(default=False)),
                (
                    "created_at",
                    models.DateTimeField(
                        default=config.db.clock.now_in_milliseconds,
                        verbose_name="created",
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        default=config.db.clock.now_in_milliseconds,
                        verbose_name="updated",
                    ),
                ),
                ("started_at", models.DateTimeField(null=True, verbose_name="started")),
                (
                    "finished_at",
                    models.DateTimeField(null=True, verbose_name="finished"),
                ),
                ("lease_owner", models.CharField(blank=True, max_length=200)),
                ("lease_expires_at", models.DateTimeField(null=True)),
                ("due_at", models.DateTimeField(null=True)),
                (
                    "heartbeat_at",
                    models.DateTimeField(default=config.db.clock.now_in_milliseconds),
                ),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("remote_operation", models.CharField(blank=True, max_length=64)),
                (
                    "note",
                    models.CharField(
                        blank=True, max_length=500, verbose_name="waiting for"
                    ),
                ),
                ("error_code", models.CharField(blank=True, max_length=100)),
                (
                    "error",
                    models.CharField(blank=True, max_length=500, verbose_name="error"),
                ),
                ("preview", models.JSONField(default=dict)),
                (
                    "messages_total",
                    models.PositiveIntegerField(default=0, verbose_name="messages"),
                ),
                (
                    "messages_sent",
                    models.PositiveIntegerField(default=0, verbose_name="sent"),
                ),
                (
                    "users_created",
                    models.PositiveIntegerField(
                        default=0, verbose_name="users created"
                    ),
                ),
                (
                    "users_connected",
                    models.PositiveIntegerField(
                        default=0, verbose_name="users connected"
                    ),
                ),
                (
                    "problems",
                    models.PositiveIntegerField(default=0, verbose_name="problems"),
                ),
                (
                    "server",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deliveries",
                        to="imports_app.server",
                        verbose_name="server",
                    ),
                ),
                (
                    "starter",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="started by",
                    ),
                ),
            ],
            options={
                "verbose_name": "delivery",
                "verbose_name_plural": "deliveries",
                "ordering": ("-id",),
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="DeliveredRoom",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                ("room", models.CharField(max_length=17)),
                ("name", models.CharField(max_length=255, verbose_name="room")),
                ("type", models.CharField(max_length=1)),
                ("import_id", models.CharField(max_length=64)),
                ("remote_id", models.CharField(blank=True, max_length=64)),
                ("existed", models.BooleanField(default=False)),
                ("members", models.JSONField(default=list)),
                ("sent", models.PositiveIntegerField(default=0, verbose_name="sent")),
                ("added", models.PositiveIntegerField(default=0)),
                ("before", models.PositiveIntegerField(default=0)),
                ("arrived", models.IntegerField(null=True, verbose_name="arrived")),
                ("samples", models.JSONField(default=list)),
                (
                    "problem",
                    models.CharField(
                        blank=True, max_length=500, verbose_name="problem"
                    ),
                ),
                (
                    "delivery",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="outcomes",
                        to="imports_app.delivery",
                    ),
                ),
            ],
            options={
                "verbose_name": "delivered room",
                "verbose_name_plural": "delivered rooms",
                "ordering": ("name", "id"),
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="DeliveryEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(default=config.db.clock.now_in_milliseconds),
                ),
                ("actor", models.CharField(blank=True, max_length=255)),
                ("text", models.CharField(max_length=500)),
                (
                    "delivery",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="events",
                        to="imports_app.delivery",
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="DeliveryPart",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("name", models.CharField(max_length=100)),
                ("messages", models.PositiveIntegerField()),
                ("days", models.JSONField(default=list)),
                ("users", models.JSONField(default=list)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting"),
                            ("uploading", "uploading"),
                            ("starting", "starting"),
                            ("done", "imported"),
                        ],
                        default="waiting",
                        max_length=9,
                    ),
                ),
                ("errors", models.PositiveIntegerField(default=0)),
                (
                    "delivery",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parts",
                        to="imports_app.delivery",
                    ),
                ),
            ],
            options={
                "ordering": ("number",),
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="DeliveredDay",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                ("room", models.CharField(max_length=17)),
                ("day", models.DateField()),
                ("messages", models.PositiveIntegerField()),
                ("digest", models.CharField(max_length=64)),
                (
                    "server",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="imports_app.server",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("server", "room", "day"), name="delivered_day_unique"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DeliveredUser",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                ("user", models.CharField(max_length=255)),
                ("username", models.CharField(max_length=255)),
                ("import_id", models.CharField(max_length=255)),
                (
                    "server",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="imports_app.server",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("server", "user"), name="delivered_user_unique"
                    )
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("state__in", ("planning", "running", "blocked", "preview"))
                ),
                fields=("server",),
                name="delivery_one_per_server",
            ),
        ),
        migrations.AddConstraint(
            model_name="deliveredroom",
            constraint=models.UniqueConstraint(
                fields=("delivery", "room"), name="delivered_room_unique"
            ),
        ),
        migrations.AddIndex(
            model_name="deliveryevent",
            index=models.Index(fields=["delivery", "id"], name="delivery_event_order"),
        ),
        migrations.AddConstraint(
            model_name="deliverypart",
            constraint=models.UniqueConstraint(
                fields=("delivery", "number"), name="delivery_part_unique"
            ),
        ),
    ]
