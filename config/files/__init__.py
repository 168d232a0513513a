"""Stored files: permissions, free disk space, downloads and CSV cells."""
