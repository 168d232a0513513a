"""Files that the server stores or writes: modes, free space, downloads, CSV."""
