"""Static archives that a browser opens from a disk, without a server."""
