"""Uploaded files: storage, quota, request bodies."""
