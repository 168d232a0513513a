"""Detection of the kind of an uploaded file by its content."""
