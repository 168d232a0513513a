"""Messages of a page: their rooms, content and outcomes, before they are written."""
