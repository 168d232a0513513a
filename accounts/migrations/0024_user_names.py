"""Index of names, for the search of users by the beginning of their name."""

from __future__ import annotations

from django.db import migrations, models
from django.db.models.functions import Lower


class Migration(migrations.Migration):
    """Add the index."""

    dependencies = [("accounts", "0023_webhook_managers")]

    operations = [
        migrations.AddIndex(
            model_name="user",
            index=models.Index(Lower("name"), name="user_name_lower"),
        ),
    ]
