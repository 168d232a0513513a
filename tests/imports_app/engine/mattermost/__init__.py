"""Imports of archives into Mattermost."""
