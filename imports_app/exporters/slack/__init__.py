"""Slack exports that Rocket.Chat's importer reads with the fewest losses."""
