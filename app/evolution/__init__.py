"""The sections of Training Evolution, one a file; `app/views/training_evolution.py` says their order."""
