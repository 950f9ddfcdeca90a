"""Where models come from, one file a source. Nothing in these files imports torch before a model is loaded."""
