"""HTTP downloads: address checks against request forgery, and limits."""
