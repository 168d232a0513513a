"""HTTP outside the API: client addresses, headers, middleware, error pages."""
