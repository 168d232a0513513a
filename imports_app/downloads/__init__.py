"""The one way to the web: checked addresses, and HTTP within limits."""
