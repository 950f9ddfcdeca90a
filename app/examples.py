"""What the start page's examples show: computed from the bundled data, each kept for all sessions.

Torch, Plotly and the like are imported where they are first needed, not at the top: the page draws its questions before
anything heavy is loaded, and the cheapest example before the dearest. Nothing in here draws on the page.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    import xai_core as xai

PHOTOS, PHOTO_MODEL = "photos", "efficientnet_lite0"
THRESHOLD = 0.85  # the Layer Explorer's
DIGITS, DIGITS_SPLIT, DIGITS_SHOWN = "textured_digits_shortcut", "val", 64  # what Foreground vs Background opens with
HONEST, CHEAT = "digits", "digits_shortcut"
FOLLOWED = 24  # pictures of the record that the epochs are shown on

# Streamlit's variables for colours are known in clickable HTML only, so everything follows the colour of the text.
STYLE = """<style>
.ex{font-size:.8rem;line-height:1.35;color:var(--st-text-color,inherit);font-family:var(--st-font,inherit)}
.ex figure{margin:0;min-width:0}.ex figcaption{overflow-wrap:anywhere}.ex b{font-weight:600}
.ex img{width:100%;aspect-ratio:1;border-radius:6px;display:block;object-fit:cover}
.ex p{margin:10px 0 0;font-size:.95rem;line-height:1.5}
.ex button{all:unset;box-sizing:border-box;cursor:pointer;display:block;border-radius:8px;padding:2px;min-width:0;
text-align:center;border:2px solid transparent}
.ex button:hover{border-color:color-mix(in srgb,currentColor 35%,transparent)}
.ex button:focus-visible,.ex .on{border-color:var(--st-primary-color,#159A92)}
.ex{container-type:inline-size}
.ex-strip{display:grid;gap:4px;grid-template-columns:repeat(var(--wide),minmax(0,1fr))}
@container (max-width:340px){.ex-strip{grid-template-columns:repeat(var(--narrow),minmax(0,1fr))}}
.ex-depth{display:grid;gap:4px 10px;grid-template-columns:minmax(0,2.2fr) minmax(0,1fr)}
.ex-depth figure:first-child{grid-row:span 2}
.ex-row{display:grid;gap:10px;grid-template-columns:repeat(3,minmax(0,1fr));margin-bottom:8px}
.ex-row h4{grid-column:1/-1;margin:0 0 -4px;padding:0;font-size:.85rem;font-weight:600}
.ex-epoch{display:grid;gap:4px;grid-template-columns:repeat(8,minmax(0,1fr));text-align:center}
.ex-epoch img{border:2px solid #159A92}.ex-epoch .no img{border:2px dashed #D1495B;opacity:.55}
.ex-course{display:flex;gap:10px;align-items:flex-end;margin-top:10px}
.ex-course div{flex:1;height:40px;display:flex;gap:2px;align-items:flex-end}
.ex-course i{flex:1;background:#159A92;opacity:.35;border-radius:2px 2px 0 0}.ex-course .on{opacity:1}
</style>"""


def _uri(pixels: np.ndarray) -> str:
    """uint8 (H, W, 3) as the source of an HTML image; that of `figures` would load Plotly first."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=82)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()


def _figure(pixels: np.ndarray, title: str, *lines: str) -> str:
    """A picture with its name and what else is to say of it."""
    more = "".join(f"<br>{escape(line)}" for line in lines)
    return (
        f'<figure><img src="{_uri(pixels)}" alt="{escape(title)}">'
        f"<figcaption><b>{escape(title)}</b>{more}</figcaption></figure>"
    )


def strip_html(thumbnails: Sequence[tuple[str, str, str, str]], selected: str) -> str:
    """Small pictures to click on: (what a click reports, image source, what it is, what stands below) each."""
    buttons = "".join(
        f'<button data-pick="{escape(pick)}"{" class=on" if pick == selected else ""} title="{escape(said)}" '
        f'aria-label="{escape(said)}" aria-pressed="{str(pick == selected).lower()}">'
        f'<img src="{source}" alt="">{escape(below)}</button>'
        for pick, source, said, below in thumbnails
    )
    wide = 8 if len(thumbnails) % 8 == 0 else 6
    return f'{STYLE}<div class="ex"><div class="ex-strip" style="--wide:{wide};--narrow:4">{buttons}</div></div>'


@dataclass(frozen=True)
class Example:
    """What an example shows.

    Attributes
    ----------
    html : its pictures and, below them, what one sees, in a sentence with its numbers
    query : the address of the page that goes on from here
    """

    html: str
    query: Mapping[str, str]


def _example(pictures: str, sentence: str, query: Mapping[str, str]) -> Example:
    whole = escape(sentence).replace(" %", "\N{NO-BREAK SPACE}%")
    return Example(f'{STYLE}<div class="ex">{pictures}<p>{whole}</p></div>', query)


# Training Evolution and Misclassifications read a record, so they need no torch for what they show first.


@st.cache_resource(max_entries=2, show_spinner=False)
def record(key: str) -> xai.TrainingRun:
    """A training that comes along."""
    from xai_core.records import TrainingRun
    from xai_core.shipped import RUNS

    return TrainingRun.open(RUNS[key][1])


@st.cache_resource(max_entries=2, show_spinner=False)
def _recorded_pictures(key: str) -> dict[str, xai.Sample]:
    """The pictures of a record by name; `xai.run_pictures` would load torch first."""
    from xai_core.data import load_dataset

    run = record(key)
    assert run.source is not None
    wanted = {*followed(key), *mistakes(key)}
    return {
        item.name: item.read()
        for item in load_dataset(run.source.data, split=run.source.split).items
        if item.name in wanted
    }


def followed(key: str) -> tuple[str, ...]:
    """Some pictures of a record, those learned soonest first: as many easy and hard ones as there are among all."""
    table = record(key).measures()
    ordered = table.sort_values(["misclassification", "picture"], kind="stable")["picture"].tolist()
    return tuple(ordered[(2 * i + 1) * len(ordered) // (2 * FOLLOWED)] for i in range(FOLLOWED))


def epochs(key: str) -> list[int]:
    """The epochs of a record."""
    return [int(epoch) for epoch in record(key).epochs]


@st.cache_data(max_entries=64, show_spinner=False)
def evolution(key: str, epoch: int) -> Example:
    """Which pictures a model in training gets right after an epoch."""
    from xai_core.shipped import RUNS

    run = record(key)
    at = epochs(key).index(epoch)
    samples = _recorded_pictures(key)
    tiles, right = [], 0
    for name in followed(key):
        picture = run.pictures.index(name)
        correct = bool(run.correct[at, picture])
        right += correct
        said = run.class_names[int(run.predictions[at, picture])]
        label = run.class_names[int(run.labels[picture])]
        words = f"{name}: is {label}, taken for {said}"
        tiles.append(
            f'<figure class="{"ok" if correct else "no"}" title="{escape(words)}">'
            f'<img src="{_uri(samples[name].pixels)}" alt="{escape(words)}">'
            f"<figcaption>{'✓' if correct else '✗'} {escape(said)}</figcaption></figure>"
        )
    first, last = int(run.epochs[0]), int(run.epochs[-1])
    start, now, end = (f"{100 * run.accuracy[i]:.0f} %" for i in (0, at, -1))
    title, _ = RUNS[key]
    return _example(
        f'<div class="ex-epoch">{"".join(tiles)}</div>{_course(run.accuracy, at)}',
        f"After epoch {epoch}, {now} of the {len(run.pictures)} test pictures are right ({right} of these "
        f"{len(tiles)}): it began with {start} after epoch {first} and came to {end} after epoch {last}.",
        {"run": title, "picture": followed(key)[-1]},
    )


def _course(accuracy: np.ndarray, at: int) -> str:
    """Accuracy by epoch as bars, one of them marked."""
    bars = "".join(
        f'<i{" class=on" if index == at else ""} style="height:{100 * float(share):.1f}%"></i>'
        for index, share in enumerate(accuracy)
    )
    return (
        f'<div class="ex-course">accuracy<div role="img" aria-label="Accuracy by epoch">{bars}</div>'
        f"<b>{100 * float(accuracy[at]):.0f} %</b></div>"
    )


def mistakes(key: str) -> tuple[str, ...]:
    """The pictures that are wrong at the end of a record, the surest mistake first."""
    run = record(key)
    wrong = [i for i in range(len(run.pictures)) if not run.correct[-1, i]]
    if run.p_predicted is not None:
        sure = run.p_predicted[-1]
        wrong.sort(key=lambda i: -float(sure[i]))
    return tuple(run.pictures[i] for i in wrong)


def _final(run: xai.TrainingRun) -> pd.DataFrame:
    """What a record's last epoch says of each picture, in the columns of `xai.evaluate` that the tallies read.

    The model that comes along is that of the last epoch, so this is what evaluating it would give.
    """
    import pandas as pd

    return pd.DataFrame(
        {
            "true": run.labels,
            "predicted": run.predictions[-1],
            "correct": run.correct[-1],
            "confidence": run.p_predicted[-1] if run.p_predicted is not None else float("nan"),
            "usable": True,
            "in_top5": True,
        }
    )


@st.cache_data(max_entries=4, show_spinner=False)
def mistakes_sentence(key: str) -> str:
    """Accuracy with its interval, and the pair that is mixed up most."""
    from xai_core import studies

    run = record(key)
    table = _final(run)
    summary, pairs = studies.summarise(table, run.class_names), studies.confused_pairs(table, run.class_names)
    low, high = summary.interval
    worst = pairs.iloc[0]
    return (
        f"{summary.right} of {summary.n} test pictures are right: {100 * summary.accuracy:.1f} % (95 % interval "
        f"{100 * low:.1f} to {100 * high:.1f} %). Most often, {worst['n']} times, {worst['true_class']} is taken for "
        f"{worst['predicted_class']}."
    )


@st.cache_data(max_entries=4, show_spinner=False)
def mistake_thumbnails(key: str) -> list[tuple[str, str, str, str]]:
    """The mistakes for `strip_html`."""
    run = record(key)
    samples = _recorded_pictures(key)
    found = []
    for name in mistakes(key):
        true, taken = _classes(run, name)
        words = (run.class_names[true], run.class_names[taken])
        said = f"{name}: is {words[0]}, taken for {words[1]}"
        found.append((name, _uri(samples[name].pixels), said, f"{words[0]} → {words[1]}"))
    return found


def _classes(run: xai.TrainingRun, name: str) -> tuple[int, int]:
    """The true class of a picture and the one it is taken for at the end."""
    at = run.pictures.index(name)
    return int(run.labels[at]), int(run.predictions[-1, at])


@st.cache_data(max_entries=32, show_spinner=False)
def mistake(key: str, name: str) -> Example:
    """A mistake, and what in the picture speaks for either class; both maps are drawn on one scale."""
    import xai_core as xai
    from app import cache
    from xai_core import figures
    from xai_core.data import load_dataset
    from xai_core.methods import DEFAULT
    from xai_core.studies import percent

    run = record(key)
    assert run.source is not None
    model = cache.models.classifier(key, (), "")
    sample = model.preprocessing.prepare(_recorded_pictures(key)[name])
    true, taken = _classes(run, name)
    layer = model.groups["stages"][-1]
    method = xai.get_method(DEFAULT)
    maps = xai.explain(model, [sample, sample], layers=[layer], targets=[taken, true])
    p = maps.predictions.probabilities[0]
    names = (run.class_names[taken], run.class_names[true])
    explained = figures.Explained(name, (), sample.pixels, {method.key: maps[layer]})
    block = figures.draw_block(explained, [method], names, figures.Style(), difference=False)
    parts = [_figure(block.view, name, f"is {names[1]}")]
    for tile, said, word, share in zip(
        block.tiles[method.key], names, ("predicted", "label"), (p[taken], p[true]), strict=True
    ):
        if tile is not None:
            nothing = ["no evidence for it"] if tile.flat else []
            parts.append(_figure(tile.pixels, f"for {said}, {word}", f"{percent(float(share))} sure", *nothing))
    return _example(
        f'<div class="ex-row">{"".join(parts)}</div>',
        f"{mistakes_sentence(key)} This {names[1]} is taken for {names[0]} with a confidence of "
        f"{percent(float(p[taken]))}.",
        {"data": load_dataset(run.source.data, split=run.source.split).title, "model": model.title, "picture": name},
    )


@st.cache_resource(max_entries=2, show_spinner=False)
def _digits(model_key: str) -> tuple[list[xai.Sample], list[int]]:
    """The digits that Foreground vs Background opens with, as a model sees them, and who lends whom a background."""
    import xai_core as xai
    from app import cache

    model = cache.models.classifier(model_key, (), "")
    chosen = cache.data.dataset(DIGITS, DIGITS_SPLIT, "").choose(None, DIGITS_SHOWN)
    samples = [model.preprocessing.prepare(sample) for sample in chosen]
    return samples, xai.partners(samples)


@st.cache_data(max_entries=DIGITS_SHOWN, show_spinner=False)
def background(number: int) -> Example:
    """A digit asked of two models: where they look, and what another background costs them."""
    import xai_core as xai
    from app import cache
    from xai_core import figures
    from xai_core.studies import percent

    rows, costs, query = [], [], {}
    for key in (HONEST, CHEAT):
        model = cache.models.classifier(key, (), "")
        samples, lenders = _digits(key)
        sample = samples[number % len(samples)]
        lender = samples[lenders[number % len(samples)]]
        (target,) = xai.true_classes(model, [sample])
        layer = model.groups["stages"][-1]
        maps = xai.explain(model, [sample], layers=[layer], targets=[target])
        (tile,) = figures.draw_tiles([sample.pixels], maps, figures.Style())[layer]
        table = xai.intervention(model, [sample], targets=[target], lenders=[lender]).set_index("kind")
        before, after = (percent(float(table.loc[kind, "p"])) for kind in ("whole", "swapped"))
        swapped = xai.intervene(sample, "swapped", other=lender)
        view = figures.outlined(tile.pixels, sample.mask) if sample.mask is not None else tile.pixels
        parts = [
            _figure(view, "where it looks"),
            _figure(sample.pixels, "as it is", f"{sample.label}: {before}"),
            _figure(swapped, "another background", f"{sample.label}: {after}"),
        ]
        rows.append(f'<div class="ex-row"><h4>{escape(model.title)}</h4>{"".join(parts)}</div>')
        costs.append(f"from {before} to {after} for “{model.title}”")
        query = {"model": model.title, "picture": sample.name}
    data = cache.data.dataset(DIGITS, DIGITS_SPLIT, "")
    return _example(
        "".join(rows),
        f"With another background, the probability of {sample.label} goes {' and '.join(costs)}.",
        {"data": data.title, "part": DIGITS_SPLIT, "target": "Label", **query},
    )


@st.cache_data(max_entries=2, show_spinner=False)
def photo_thumbnails() -> list[tuple[str, str, str, str]]:
    """The photos that come along, for `strip_html`."""
    from xai_core.data import load_dataset

    return [(sample.name, _uri(_thumbnail(sample.pixels)), sample.name, "") for sample in load_dataset(PHOTOS)]


def _thumbnail(pixels: np.ndarray) -> np.ndarray:
    """The middle of a picture, small: uint8 (96, 96, 3)."""
    import numpy as np
    from PIL import Image, ImageOps

    return np.asarray(ImageOps.fit(Image.fromarray(pixels), (96, 96)))


def _photo_model() -> xai.Classifier:
    from app import cache

    return cache.models.classifier(PHOTO_MODEL, (), "")


@st.cache_data(max_entries=32, show_spinner=False)
def layers(name: str) -> Example:
    """The default method's maps of a photo at the first, the middle and the last stage."""
    import numpy as np

    import xai_core as xai
    from app import cache
    from xai_core import figures, studies

    model = _photo_model()
    data = cache.data.dataset(PHOTOS, None, "")
    (item,) = (item for item in data.items if item.name == name)
    sample = model.preprocessing.prepare(item.read())
    stages = model.select("stages")
    maps = xai.explain(model, [sample], layers=[stage.name for stage in stages])
    shares = studies.measure_maps(maps, (THRESHOLD,)).values("share", THRESHOLD)[0]
    tiles = figures.draw_tiles([sample.pixels], maps, figures.Style())
    shown: Sequence[int] = (len(stages) - 1, 0, len(stages) // 2)
    said = [studies.percent(share) if np.isfinite(share) else "none" for share in shares]
    parts = []
    for index in shown:
        (tile,) = tiles[stages[index].name]
        what = "no evidence" if tile.flat else f"{said[index]} above {THRESHOLD}"
        parts.append(_figure(tile.pixels, stages[index].title, what))
    predicted = int(maps.predictions.classes[0])
    sure = studies.percent(float(maps.predictions.confidences[0]))
    first, last = (f"{said[index]} at {stages[index].title}" for index in (0, -1))
    return _example(
        f'<div class="ex-depth">{"".join(parts)}</div>',
        f"{model.title} says {model.class_names[predicted]}, {sure} sure. Of the pixels, {first} and {last} "
        f"are above {THRESHOLD} of the map's maximum.",
        {"data": data.title, "model": model.title, "target": "Prediction", "picture": name},
    )
