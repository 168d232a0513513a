"""Page that selects the records to import."""
