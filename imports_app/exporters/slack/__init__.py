"""Slack exports for Rocket.Chat's importer."""
