"""Jobs that read the workspace and write exports."""
