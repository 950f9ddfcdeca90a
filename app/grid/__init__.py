"""A grid of studies on one page: all of them in a table, and what differs between them."""
