"""Query set methods of the endpoints that read the workspace."""
