"""Records of an import."""
