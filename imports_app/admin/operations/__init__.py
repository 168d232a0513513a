"""List of imports and page of one import."""
