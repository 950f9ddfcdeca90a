"""What comes along with the project: two recorded trainings on textured digits, and the models they ended in.

Between the two stand three models alone, trained in the same way with less of the shortcut. All were made by
`python -m xai_core.training shipped`.
"""

from pathlib import Path

# Key of the model -> (its title, folder of its run).
RUNS = {
    "digits": ("Digits (honest)", Path(__file__).with_name("digits")),
    "digits_shortcut": ("Digits (shortcut)", Path(__file__).with_name("digits_shortcut")),
}
# The share of training pictures whose background gives the digit away -> key of the model.
DIAL = {0.0: "digits", 0.25: "digits_25", 0.5: "digits_50", 0.75: "digits_75", 0.95: "digits_shortcut"}
# Key of a model that came of no recorded training -> (its title, its weights).
WEIGHTS = {
    key: (f"Digits (shortcut in {100 * share:.0f}%)", Path(__file__).parent / "dial" / f"{key}.safetensors")
    for share, key in DIAL.items()
    if key not in RUNS
}
