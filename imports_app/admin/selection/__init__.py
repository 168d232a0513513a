"""The page that selects what to import."""
