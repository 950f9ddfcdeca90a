"""The sections of Foreground vs Background, one a file; `app/views/foreground.py` says their order."""
