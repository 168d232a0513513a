"""Background work of workers: search index, message positions and cleanup."""
