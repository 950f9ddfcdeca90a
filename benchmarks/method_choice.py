"""Is a recommendation of a method and a layer borne out by pictures that it was not made on?

    python -m benchmarks.method_choice [FOLDER_OF_PHOTOS] [PICTURES]

For both digits models, and for the bundled ImageNet model on a folder of photos: the comparison is made on some
pictures and again on as many others. What was recommended on the first has to beat random orders on the others, and
nothing may do better there with a difference that is shown. Where maps have masks, it says how many of the candidates
lie on the background, which is where those of the model that goes by it belong.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import numpy as np

import xai_core as xai
from xai_core import stats

CASES = (("digits", "textured_digits"), ("digits_shortcut", "textured_digits_shortcut"))
PICTURES = 24
QUICK = ("grad_cam", "hires_cam", "layer_cam", "saliency")  # for photos, on two cores


def halves(data: xai.Dataset, pictures: int) -> tuple[list[xai.Sample], list[xai.Sample]]:
    """Two random samples of a data set without a picture in common."""
    order = np.random.default_rng(7).permutation(len(data)).tolist()
    return [data[i] for i in order[:pictures]], [data[i] for i in order[pictures : 2 * pictures]]


def better_there(found: xai.MethodComparison, name: str) -> list[str]:
    """Candidates that do better than one of them with a difference that is shown."""
    pictures = found.pictures.assign(found=(found.pictures["deletion"] + found.pictures["insertion"]) / 2)
    wide = pictures.pivot(index="picture", columns="name", values="found")
    p = stats.pairwise_flips(wide.to_numpy(float))[list(wide.columns).index(name)]
    above = wide.mean() > wide[name].mean()
    return [one for one, level in zip(wide.columns, p, strict=True) if above[one] and level < 0.05]


def case(title: str, model: xai.Classifier, data: xai.Dataset, pictures: int, methods: Sequence[str] | None) -> None:
    first, second = halves(data, pictures)
    made = xai.compare_methods(model, first, methods=methods, pictures=pictures)
    again = xai.compare_methods(model, second, methods=methods, pictures=pictures)
    print(
        f"\n{title}, {len(first)} and {len(second)} pictures, {made.seconds + again.seconds:.0f} s\n"
        f"{made.recommendation}"
    )
    for half, one in (("made on", made), ("others", again)):
        table = one.table
        known = table[table["object"].notna()]
        off, on = (known["object_high"] < 0.5).sum(), (known["object_low"] > 0.5).sum()
        where = f"; on the background {off}, on the object {on} of {len(known)}" if len(known) else ""
        print(
            f"  {half}: {len(table)} candidates, found {table['found'].max():.2f} to {table['found'].min():.2f}{where}"
        )
    if made.best:
        row = again.table.set_index("name").loc[made.best]
        better = better_there(again, made.best)
        verdict = "borne out" if row["p_random"] < 0.05 and row["found"] > 0 and not better else "NOT borne out"
        print(
            f"  on the others: {row['found']:.2f} ({row['found_low']:.2f} to {row['found_high']:.2f}), place "
            f"{list(again.table['name']).index(made.best) + 1} of {len(again.table)}; better there: "
            f"{', '.join(better) or 'none'}: {verdict}"
        )
    columns = ["name", "found", "found_low", "found_high", "weights", "object", "stability", "seconds", "outcome"]
    print(made.table[columns].round(3).to_string(index=False))


def main(arguments: Sequence[str]) -> None:
    pictures = int(arguments[1]) if len(arguments) > 1 else PICTURES
    for key, data in CASES:
        case(key, xai.load_model(key), xai.load_dataset(data), pictures, None)
    if arguments:
        case("photos", xai.load_model("efficientnet_lite0"), xai.load_dataset(arguments[0]), pictures, QUICK)


if __name__ == "__main__":
    main(sys.argv[1:])
