"""What every admin page is built with: base classes, lookups, formatting, the theme."""
