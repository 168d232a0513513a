"""Background work beside imports: search index and cleanup."""
