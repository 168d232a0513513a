"""Staging and conversion: long work, done page by page in a worker."""
