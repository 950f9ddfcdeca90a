"""The measures of how focused a map is, one file each."""
