"""The CSV importer: an archive of tables (importers.md 2)."""
