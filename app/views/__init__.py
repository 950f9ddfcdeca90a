"""One file a page, read top to bottom as the page is."""
