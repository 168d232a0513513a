"""The list of imports, and the page of one import."""
