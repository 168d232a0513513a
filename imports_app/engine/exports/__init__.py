"""Reading of the workspace for exports."""
