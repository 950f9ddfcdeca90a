"""The sections of Edit and watch."""
