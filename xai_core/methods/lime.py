"""LIME for pictures (Ribeiro et al., arXiv 1602.04938): a linear model of what hiding superpixels does.

Sampling, kernel and surrogate are the package's; forwards are batched, and all targets share one set of perturbations.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from xai_core.inference.smoothed import drawn_in_pairs, smoothed_surrogates
from xai_core.inference.superpixels import Hide, Segments, suited_superpixels, superpixels
from xai_core.inference.surrogate import LimeExplanation, drawn, package_surrogates
from xai_core.methods.registry import get_method, register
from xai_core.methods.sampled import COLOURS, LOG_ODDS, PRECISION, UNIT, each_picture
from xai_core.types import Classifier, Estimate, Heatmaps, Setting

if TYPE_CHECKING:
    from xai_core.inference.batches import Picture, Pictures, Progress, Target, Targets
    from xai_core.inference.perturbed import Precision

Fitting = Literal["package", "smoothed"]
SUPERPIXELS = "superpixels"  # the name of the one map, in place of a layer's
CHECKED_SAMPLES = 300  # perturbations of each run of the checks
_FITS = {"package": package_surrogates, "smoothed": smoothed_surrogates}
_DRAWS = {"package": drawn, "smoothed": drawn_in_pairs}
_SETTINGS = (
    Setting(
        "num_samples",
        "Perturbations of LIME",
        1000,
        (200, 500, 1000, 2000, 5000),
        help="More of them steady the weights and take longer in proportion.",
        address="lime-samples",
    ),
    Setting(
        "segments",
        "Superpixels",
        "quickshift",
        ("quickshift", "slic"),
        help="Quickshift, as LIME has it: dozens for photos, a few for small pictures. SLIC: about fifty, even.",
        address="segments",
        suited=suited_superpixels,
    ),
    Setting("seed", "Seed", 0, low=0, high=9999, step=1, help="Of the perturbations: another shows chance at work."),
    Setting(
        "hide",
        "Hidden superpixels become",
        "larger",
        ("larger", "mean", *COLOURS),
        {"larger": "Mean colour or grey, whichever changes more", "mean": "Their mean colour", **COLOURS},
        help="Its mean colour, which the package lime takes, does not hide a superpixel of one colour.",
    ),
    Setting(
        "fit",
        "Linear model",
        "package",
        ("package", "smoothed"),
        {"package": "Of the probability, as the package fits it", "smoothed": "Of the log-odds, smoothed"},
        help="Smoothed: pairs of perturbations and a smooth model; much less chance, not the package's weights.",
        units={"smoothed": LOG_ODDS},
    ),
    PRECISION,
)


def lime_growing(
    model: Classifier,
    image: Picture,
    *,
    targets: Sequence[Target] | Target = None,
    num_samples: int = 1000,
    segments: Segments = "quickshift",
    seed: int = 0,
    hide: Hide = "larger",
    fit: Fitting = "package",
    precision: Precision = "auto",
    every: int = 100,
) -> Iterator[LimeExplanation]:
    """As `lime`, but gives an estimate after every so many samples; stop asking, and the last one is what you have.

    Parameters
    ----------
    model, image, targets, num_samples, segments, seed, hide, fit, precision
        As `lime` takes them.
    every : int
        Samples between two estimates, at least a batch.

    Yields
    ------
    LimeExplanation
        From more samples each time.

    Raises
    ------
    TargetError, PictureError
        With a sentence that gives the choices.

    Examples
    --------
    >>> import xai_core as xai
    >>> model, digit = xai.load_model("digits"), xai.load_dataset("textured_digits")[0]
    >>> for found in xai.lime_growing(model, digit, num_samples=30, segments="slic", precision="float32", every=30):
    ...     print(found.samples, "of", found.planned)
    30 of 30
    """
    from xai_core.inference.batches import resolve_several, seen
    from xai_core.inference.covered import covered

    if num_samples < 2:
        raise ValueError(f"num_samples must be at least 2, got {num_samples}.")
    if fit not in _FITS:
        raise ValueError(f"fit is one of {', '.join(_FITS)}; got {fit!r}.")
    if precision not in ("auto", "float32", "bfloat16"):
        raise ValueError(f'precision is "auto", "float32" or "bfloat16"; got {precision!r}.')
    started = time.perf_counter()
    view = seen(model, image)
    parts = superpixels(view, segments)
    rows = _DRAWS[fit](num_samples, int(parts.max()) + 1, seed)
    asked = covered(model, view, parts, hide, rows, resolve_several(model, targets), precision)
    forwards, wanted = asked.forwards, asked.targets
    values = np.empty((num_samples, len(wanted)))
    done = len(asked.known)
    values[:done] = asked.known
    step = max(every, forwards.size)
    for goal in (*range(step, num_samples, step), num_samples):
        for start in range(done, goal, forwards.size):
            stop = min(start + forwards.size, goal)
            values[start:stop] = forwards(rows[start:stop], asked.precision).probabilities[:, wanted]
        done = max(done, goal)
        fitted = _FITS[fit](rows[:goal], values[:goal])
        yield LimeExplanation(
            segments=parts,
            targets=wanted,
            weights=np.stack([one.weights for one in fitted]),
            errors=np.stack([one.errors for one in fitted]),
            r2=np.array([one.r2 for one in fitted]),
            stability=np.array([one.stability for one in fitted]),
            top_shared=np.array([one.top_shared for one in fitted]),
            samples=goal,
            planned=num_samples,
            prediction=asked.whole,
            precision=asked.precision,
            cover=asked.cover,
            remark=asked.sentence,
            seconds=time.perf_counter() - started,
        )


def lime(
    model: Classifier,
    image: Picture,
    *,
    targets: Sequence[Target] | Target = None,
    num_samples: int = 1000,
    segments: Segments = "quickshift",
    seed: int = 0,
    hide: Hide = "larger",
    fit: Fitting = "package",
    precision: Precision = "auto",
    progress: Progress | None = None,
) -> LimeExplanation:
    """LIME of one picture for any number of classes, from one set of perturbations.

    Parameters
    ----------
    model : Classifier
    image : Sample, PIL.Image.Image or uint8 (H, W, 3)
        The picture.
    targets : int, str, None or a sequence of them
        Classes by index or name, None for the prediction; one or several.
    num_samples : int
        Perturbations, the picture itself among them.
    segments : {"quickshift", "slic"} or ndarray
        How superpixels are found, or an array (H, W) on the network's view of the picture.
    seed : int
        Of the perturbations, drawn as lime draws them; with "smoothed", each is followed by its complement.
    hide : "larger", "mean" or tuple of int
        What hidden superpixels become: whichever of mean colour and grey changes the answers more over a few
        perturbations (`LimeExplanation.cover`), each one's mean colour, as the package has it, or a colour (R, G, B).
    fit : {"package", "smoothed"}
        The package's weights, of the probability, or those of the log-odds, with much less chance, by a smooth model.
    precision : {"auto", "float32", "bfloat16"}
        Of the forwards; "auto" measures once for each model whether bfloat16 is faster here.
    progress : callable, optional
        Called with (samples done, samples in all); what it raises ends the run.

    Returns
    -------
    LimeExplanation

    Raises
    ------
    TargetError, PictureError
        With a sentence that gives the choices.

    Examples
    --------
    >>> import xai_core as xai
    >>> model, digit = xai.load_model("digits"), xai.load_dataset("textured_digits")[0]
    >>> found = xai.lime(model, digit, targets=[0, 1], num_samples=30, segments="slic", precision="float32")
    >>> found.targets.tolist(), found.weights.shape[0], found.samples
    ([0, 1], 2, 30)
    """
    found = None
    every = num_samples if progress is None else 100
    for found in lime_growing(
        model,
        image,
        targets=targets,
        num_samples=num_samples,
        segments=segments,
        seed=seed,
        hide=hide,
        fit=fit,
        precision=precision,
        every=every,
    ):
        if progress:
            progress(found.samples, num_samples)
    assert found is not None
    return found


def _estimate(found: LimeExplanation, view: Any, unit: str) -> Estimate:
    """An explanation as maps that are constant on superpixels."""
    count = len(found.targets)
    maps = found.weights.astype(np.float32)[:, found.segments]  # (T, H, W)
    return Estimate(
        heatmaps=Heatmaps(
            {SUPERPIXELS: maps},
            found.targets,
            found.prediction.take([0] * count),
            (found.segments.shape[0], found.segments.shape[1]),
            "LIME",
            unit,
            view=view,
            segments=np.stack([found.segments] * count),
            key="lime",
        ),
        done=found.samples,
        planned=found.planned,
        seconds=found.seconds,
        note=found.precision,
        remark=found.remark,
        stability=found.stability,
        errors=found.errors,
        quality={"R²": found.r2},
        top_shared=found.top_shared,
    )


def _grow(
    model: Classifier, image: Picture, *, targets: Sequence[Target] | Target, every: int, **settings: Any
) -> Iterator[Estimate]:
    settings = {"segments": suited_superpixels(model)} | settings
    for found in lime_growing(model, image, targets=targets, every=every, **settings):
        yield _estimate(found, model.preprocessing, get_method("lime").unit_with(settings))


@register(
    key="lime",
    title="LIME",
    paper="Ribeiro et al., arXiv 1602.04938",
    reference="the weights of the package lime, for the same superpixels and perturbations",
    unit=UNIT,
    signed=True,
    place="superpixels",
    cost="samples",
    drawing="segments",
    legend="green: the superpixel speaks for the class; red: against it",
    caution="It depends on the superpixels, on what stands in for hidden ones, and on the draw (arXiv 2102.06307).",
    settings=_SETTINGS,
    quick={"num_samples": CHECKED_SAMPLES, "precision": "float32"},
    grow=_grow,
)
def lime_maps(
    model: Classifier,
    images: Pictures,
    *,
    targets: Targets = None,
    batch_size: int | None = None,
    progress: Progress | None = None,
    **settings: Any,
) -> Heatmaps:
    """LIME of N pictures, each for one class, as maps that are constant on superpixels.

    Parameters
    ----------
    model, images, targets, progress
        As `xai.explain` takes them.
    batch_size : int, optional
        Of no effect: the perturbations of a picture are batched.
    **settings
        As `lime` takes them.
    """
    return each_picture(model, images, _grow, targets=targets, progress=progress, **settings)
