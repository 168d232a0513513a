"""Imports of archives into a connected Mattermost, and checks of such servers."""
