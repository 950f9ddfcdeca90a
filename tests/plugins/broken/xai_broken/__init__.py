"""What plug-ins do wrong."""
