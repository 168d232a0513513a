"""Downloads in the worker: import files, pending files and avatars."""
