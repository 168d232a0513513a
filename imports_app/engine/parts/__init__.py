"""Messages of a source in parts: reading once, and converting with several workers."""
