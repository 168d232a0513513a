"""The import endpoints, a file for each part of an import's life."""
