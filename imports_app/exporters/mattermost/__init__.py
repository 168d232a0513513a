"""Bulk-import archives of Mattermost: writer and validator."""
