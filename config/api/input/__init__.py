"""What API callers send: bodies, fields, parameters, offsets and cursors."""
