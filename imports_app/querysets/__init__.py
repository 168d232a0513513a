"""Every read that is more than a key, and the guarded writes."""
