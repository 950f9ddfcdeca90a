"""The sections of Discovery."""
