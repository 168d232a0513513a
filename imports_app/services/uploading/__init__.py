"""Uploaded files: received whole or in parts, and read with options."""
