"""What a study says before it is complete: of the parts that are there, and checked against the tables of the whole."""

import numpy as np
import pandas as pd
import pytest

from tests.support.command import study
from xai_core import stats
from xai_core.batch.store import StudyFolder
from xai_core.questions.so_far import IN_ORDER, NOT_YET, TURNS, mean_words, sentences_so_far

DIGITS = ("--data", "textured_digits", "--model", "digits", "--limit", "40")


def made(kind, tmp_path, *more):
    out = tmp_path / kind
    assert study(kind, out, *more, common=DIGITS) == 0
    return out


def without_last(out):
    found = StudyFolder.open(out)
    (out / "parts" / f"{int(found.head['parts']) - 1:05d}.npz").unlink()
    (out / "summary.json").unlink()
    return StudyFolder.open(out)


def test_accuracy_is_that_of_the_pictures_that_are_there(tmp_path):
    out = made("misclassified", tmp_path)
    table = pd.read_csv(out / "table.csv")
    whole = sentences_so_far(StudyFolder.open(out))
    assert f"{int(table['correct'].sum())} of 40 pictures right" in whole[0]
    assert whole[-1] == NOT_YET
    assert TURNS in whole
    assert IN_ORDER not in whole


def test_the_share_at_both_ends_is_that_of_the_parts(tmp_path):
    found = without_last(made("layers", tmp_path))
    numbers = range(int(found.head["parts"]) - 1)
    shares = np.concatenate([found.array(number, "own/share")[:, :, 35] for number in numbers])  # above 0.85
    first, said = sentences_so_far(found)[:2]
    n = len(shares)
    share = f"the share of pixels above 0.85 is {100 * shares[:, 0].mean():.1f}% at {found.head['layers'][0]}"
    assert f"So far, of {n} pictures: {share}" in first
    differences = shares[:, -1] - shares[:, 0]
    low, high = stats.mean_interval(differences)
    assert f"{100 * differences.mean():+.1f} points (95% interval {100 * low:+.1f} to {100 * high:+.1f})" in first
    assert said == IN_ORDER


@pytest.mark.parametrize("chosen", [(), ("--layer", "stages.0")])
def test_the_share_on_the_object_is_that_of_the_studys_layer(tmp_path, chosen):
    out = made("foreground", tmp_path, *chosen)
    table = pd.read_csv(out / "table.csv")
    layer = chosen[-1] if chosen else StudyFolder.open(out).head["layers"][-1]
    shares = table.loc[table["layer"] == layer, "energy_inside"]
    said = sentences_so_far(StudyFolder.open(out))[0]
    assert f"{100 * shares.mean():.0f}% (95% interval" in said
    assert f"of the map at {layer} is on the object" in said


def test_a_part_that_was_written_again_is_read_again(tmp_path):
    found = StudyFolder.open(made("misclassified", tmp_path))
    about, arrays = found.about(0), {name: found.array(0, name) for name in found.about(0)["arrays"]}
    texts = {key: one for key, one in about.items() if key not in ("number", "study", "arrays")}
    assert sentences_so_far(found)[0].startswith("So far, of 40 pictures: ")
    arrays["column/correct"] = np.zeros(40, bool)
    found.write(0, texts, arrays)
    assert sentences_so_far(found)[0].startswith("So far, of 40 pictures: 0 of 40 pictures right")
    arrays["column/usable"] = np.arange(40) < 30  # answers that are NaN count nowhere
    found.write(0, texts, arrays)
    assert sentences_so_far(found)[0].startswith("So far, of 30 pictures: 0 of 30 pictures right")


def test_discovery_says_how_often_the_model_is_right(tmp_path):
    said = sentences_so_far(StudyFolder.open(made("discover", tmp_path)))
    assert "right (" in said[0]
    assert "Groups are looked for when all are there." in said[0]


def test_nothing_is_said_of_damaged_parts_or_of_another_study(tmp_path):
    found = without_last(made("layers", tmp_path))
    numbers = range(int(found.head["parts"]) - 1)
    said = sentences_so_far(found)[0]
    other = StudyFolder.open(made("layers", tmp_path / "other", "--target", "prediction"))
    (found.folder / "parts" / "00000.npz").write_bytes((other.folder / "parts" / "00000.npz").read_bytes())
    assert sentences_so_far(found)[0] != said
    assert (
        f"So far, of {sum(len(found.about(number)['ids']) for number in numbers) - len(found.about(0)['ids'])} "
        in (sentences_so_far(found)[0])
    )
    for number in numbers:
        (found.folder / "parts" / f"{number:05d}.npz").write_bytes(b"no part")
    assert sentences_so_far(found) == ()


@pytest.mark.parametrize(
    ("values", "signed", "said"),
    [
        (np.array([1.0, 1.0, 1.0]), False, "100% (no interval of so few or equal values)"),
        (np.array([0.01, -0.02]), True, "-0.5 points (no interval of so few or equal values)"),
    ],
)
def test_few_values_have_no_interval(values, signed, said):
    assert mean_words(values, signed=signed) == said


def test_an_interval_of_shares_stays_between_none_and_all():
    assert mean_words(np.array([1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.2])).endswith("to 100)")
