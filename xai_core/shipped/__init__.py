"""What comes along with the project: two recorded trainings on textured digits, and the models they ended in.

Both were made by `python -m xai_core.training shipped`.
"""

from pathlib import Path

# Key of the model -> (its title, folder of its run).
RUNS = {
    "digits": ("Digits (honest)", Path(__file__).with_name("digits")),
    "digits_shortcut": ("Digits (shortcut)", Path(__file__).with_name("digits_shortcut")),
}
