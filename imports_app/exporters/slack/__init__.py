"""Slack exports that Rocket.Chat's importer reads without losses it can avoid."""
