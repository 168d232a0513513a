"""The web server layer: connections, headers, bodies and process supervision."""
