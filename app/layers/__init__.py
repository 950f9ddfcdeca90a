"""The sections of the Layer Explorer, in the order of the page: maps, a guess before them, statistics, files."""
