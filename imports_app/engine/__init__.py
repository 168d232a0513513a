"""Background jobs: staging, conversion and downloads, in pages."""
