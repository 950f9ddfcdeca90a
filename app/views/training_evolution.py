"""Training Evolution: every test picture's prediction at every epoch, and what the model looked at by then."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

import xai_core as xai
from app import cache, cards, controls, frame, notices, paths, state, training_panel, trust
from xai_core import figures, reports, studies, training
from xai_core.figures import EvolutionView
from xai_core.methods import DEFAULT
from xai_core.models import ARCHITECTURES
from xai_core.questions.evolution.report import evolution_report
from xai_core.shipped import RUNS

FILE, UPLOAD = "file", "upload"
VIEWS: dict[EvolutionView, str] = {"class": "Class", "correct": "Right or wrong", "p_true": "Probability"}
SORTS = {**studies.EVOLUTION_MEASURES, "name": "Name"}
ATTENTION_PICTURES = 60
FILM_SIDE = 256
# In a narrow window the figure is scrolled sideways, since its columns would be too thin to read.
STYLE = "<style>.st-key-wide{overflow-x:auto}.st-key-wide>div{min-width:680px}</style>"
QUIET = {"displayModeBar": False}
# Of the board: what the page shows now, for its report
_BESIDE, _ATTENTION, _FIGURE, _COURSE = "run beside", "attention", "settings of the figure", "picture"


@dataclass(frozen=True, eq=False)
class Shown:
    """The run on the page; `job` is its training, where that was begun here."""

    id: str
    run: xai.TrainingRun
    measures: pd.DataFrame
    job: training.Job | None


def runs() -> dict[str, str]:
    """What can be shown: key -> title. Those that come along, those trained here, a file, an upload."""
    titles = {key: title for key, (title, _) in RUNS.items()}
    titles |= {training_panel.run_key(job): f"{job.name} ({job.folder.name})" for job in training.list_jobs()}
    return titles | {FILE: "A record on disk", UPLOAD: "Upload"}


def load(key: str, suffix: str = "") -> tuple[str, xai.TrainingRun | None, training.Job | None] | None:
    """(id, run, job) of a choice, the run being None before its first epoch; None while something is missing."""
    job = None
    if key == UPLOAD:
        file = st.file_uploader("InstanceFlow's JSON", type="json", key=f"run-file{suffix}", max_upload_size=20)
        if file is None:
            st.caption(
                "Drop the record of a training here. The computer that runs this page reads it and keeps nothing."
            )
            return None
        digest = hashlib.sha256(file.getvalue()).hexdigest()[:16]
        return digest, cache.runs.uploaded_run(digest, file.getvalue()), None
    if key == FILE:
        path = st.text_input(
            "Path",
            key=f"record{suffix}",
            placeholder="/home/me/runs/mine",
            bind="query-params",
            help="The folder of a record, or a file of InstanceFlow's JSON.",
        ).strip()
        if not path:
            st.caption("Type the path of a record on the computer that runs this page.")
            return None
        path = str(paths.allowed(path))
    elif key in RUNS:
        path = str(RUNS[key][1])
    else:
        path = str(training.runs_folder() / key)
        job = training.read_job(path)
        if not job.done:
            return path, None, job
    stamp = cache.stamps.run_stamp(path)
    return f"{path}:{stamp}", cache.runs.run(path, stamp), job


def choose() -> Shown | training.Job | None:
    """The side bar; None while something is missing."""
    titles = runs()
    if (wanted := st.session_state.pop("run to show", None)) in titles:
        st.session_state[training_panel.RUN] = wanted
    asked = st.query_params.get(training_panel.RUN)
    if asked is not None and asked not in titles.values():
        st.warning(
            controls.plain(f"The run in the address, {asked}, is not here (any more). Another one is shown."),
            icon=":material/link_off:",
        )
    with st.sidebar:
        key = st.selectbox(
            "Run", list(titles), format_func=titles.__getitem__, key=training_panel.RUN, bind="query-params"
        )
        try:
            found = load(key)
        except xai.XaiError as error:
            st.error(controls.plain(str(error)), icon=":material/error:")
            found = None
        st.divider()
        if st.button("Train a model", icon=":material/model_training:", width="stretch"):
            training_panel.offer()
    if found is None:
        return None
    run_id, run, job = found
    if run is None:
        return job
    return Shown(run_id, run, cache.runs.run_measures(run_id, run), job)


def show_findings(shown: Shown) -> None:
    """What happened, in words."""
    run = shown.run
    k, e = len(run.class_names), len(run.epochs)
    st.caption(
        controls.plain(
            f"{len(run.pictures):,} pictures · {k} class{'es' if k > 1 else ''} · {e} epoch{'s' if e > 1 else ''} · "
            f"weights of {len(run.checkpoints)}"
        )
    )
    for problem in run.problems:
        st.warning(controls.plain(problem), icon=":material/broken_image:")
    shortcut = run.settings.get("shortcut")
    if run.source and run.source.data == "textured_digits" and isinstance(shortcut, int | float) and shortcut > 0:
        st.caption(
            f"In training and in validation, {100 * shortcut:.0f} % of the backgrounds give the class away; those of "
            "the recorded pictures never do."
        )
    left_out = run.settings.get("left_out")
    if isinstance(left_out, list) and left_out:
        st.warning(
            controls.plain(f"{len(left_out)} pictures could not be recorded, the first: {left_out[0]}"),
            icon=":material/broken_image:",
        )
    with st.container(border=True, key="findings"):
        st.markdown("#### What happened")
        for finding in studies.evolution_findings(run, shown.measures):
            mark = ":material/warning: " if finding.warning else ""
            st.markdown(f"{mark}**{finding.topic}.** {controls.plain(finding.sentence)}")
        if run.p_true is None:
            st.caption("This record has no probabilities and no losses, so what rests on them is not shown.")


def choose_pictures(shown: Shown) -> dict[str, object]:
    """The controls above the evolution figure, as the settings of `cache.runs.evolution`."""
    run = shown.run
    bar = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
    offered = [view for view in VIEWS if view != "p_true" or run.p_true is not None]
    view = bar.segmented_control(
        "Colour",
        offered,
        format_func=VIEWS.__getitem__,
        default="class",
        required=True,
        key="colour",
        bind="query-params",
    )
    sort = bar.selectbox(
        "Sort by", list(SORTS), format_func=SORTS.__getitem__, key="sort", bind="query-params", width=140
    )
    only = bar.selectbox(
        "Pictures",
        ["all", "ever wrong", "wrong at the end", "changing", "never right"],
        key="only",
        bind="query-params",
        width=170,
    )
    first, last = int(run.epochs[0]), int(run.epochs[-1])
    classes = list(range(len(run.class_names)))
    with bar.popover("Filter", icon=":material/filter_alt:"):
        for name in ("true", "predicted"):
            state.reset_on_change(name, run.name, [])
        true = st.multiselect(
            "True class", classes, format_func=run.class_names.__getitem__, key="true", bind="query-params"
        )
        predicted = st.multiselect(
            "Predicted at the end",
            classes,
            format_func=run.class_names.__getitem__,
            key="predicted",
            bind="query-params",
        )
        if len(run.epochs) > 1:
            first, last = st.select_slider(
                "Epochs",
                run.epochs.tolist(),
                (first, last),
                key=f"epochs-{shown.id}",
                help="Measures and order follow the epochs chosen.",
            )
    by_class = bar.toggle("Group by class", True, key="group", bind="query-params")
    return {
        "first": first,
        "last": last,
        "view": view,
        "by_class": by_class,
        "sort": sort,
        "true": tuple(true),
        "predicted": tuple(predicted),
        "only": only,
    }


@st.fragment
def show_evolution(shown: Shown) -> None:
    """The figure, the picture chosen in it, and that picture's course."""
    run = shown.run
    st.header("Confusion evolution", anchor=False)
    settings = choose_pictures(shown)
    place = {name: index for index, name in enumerate(run.pictures)}
    chosen = place.get(state.picture_name() or "")
    figure, members = cache.runs.evolution(shown.id, picture=chosen, _run=run, **settings)  # type: ignore[arg-type]
    if not members:
        st.info("No picture is like that.", icon=":material/filter_alt_off:")
        return
    state.board()[_FIGURE] = settings
    key = f"evolution-{hashlib.sha256(repr((shown.id, settings, chosen)).encode()).hexdigest()[:12]}"

    def pick() -> None:
        points = st.session_state[key]["selection"]["points"]
        row = points[0].get("customdata") if points else None
        if row is not None:
            name = run.pictures[members[int(row)][0]]
            state.choose_picture(name, name)

    legends = {
        "class": lambda: figures.class_legend_html(run),
        "correct": figures.right_legend_html,
        "p_true": figures.probability_legend_html,
    }
    st.html(STYLE + legends[str(settings["view"])]())
    st.container(key="wide").plotly_chart(
        figure,
        key=key,
        on_select=pick,
        selection_mode="points",
        config=QUIET,
        alt="Predicted class of each picture (rows) at each epoch (columns)",
    )
    count, rows = sum(map(len, members)), len(members)
    several = "" if rows == count else f" in {rows:,} rows of several: a row's colour is what most of them show"
    st.caption(
        f"{count:,} of {len(run.pictures):,} pictures{several}. Wrong: share of epochs. Changes: share of steps. "
        "Variability: classes taken for, of all. Forgotten: times it went from right to wrong. "
        "Click a bar to see its picture."
    )
    order = [run.pictures[i] for row in members for i in row]
    show_picture(shown, order, int(str(settings["first"])), int(str(settings["last"])))
    frame.follow()


def choose_listed() -> None:
    """Take the picture that the list says."""
    name = str(st.session_state["picture of the run"])
    state.choose_picture(name, name)


def show_picture(shown: Shown, order: list[str], first: int, last: int) -> None:
    """One picture: search, previous and next; its course in the epochs chosen; what the model looked at."""
    run = shown.run.between(first, last)
    whole = len(run.epochs) == len(shown.run.epochs)
    measures = shown.measures if whole else cache.runs.run_measures(f"{shown.id}:{first}:{last}", run)
    st.subheader("One picture", anchor=False)

    state.set_order([(one, one) for one in order])
    if state.picture_name() not in order:
        state.choose_picture(order[0], order[0], by_hand=False)
    name = st.session_state["picture of the run"] = state.board()[_COURSE] = str(state.picture_name())
    st.selectbox("Picture", order, key="picture of the run", on_change=choose_listed, width=320)
    index = run.pictures.index(name)
    row = measures.iloc[index]
    sample = read_picture(shown, index)
    left, right = st.columns([1, 3], gap="medium")
    with left:
        if isinstance(sample, xai.Sample):
            st.image(figures.enlarged(sample.pixels, FILM_SIDE), width="stretch")
        else:
            st.caption(controls.plain(sample))
    with right:
        learned = "" if pd.isna(row["learned"]) else f", right for good since epoch {row['learned']:.0f}"
        changes = "" if pd.isna(row["frequency"]) else f", changed at {row['frequency']:.0%} of steps"
        st.markdown(
            f"**{controls.plain(name)}** is {controls.plain(str(row['label']))}, at the end taken for "
            f"**{controls.plain(str(row['final']))}**: wrong at {row['misclassification']:.0%} of epochs{changes}, "
            f"forgotten {row['forgetting']} time{'s' if row['forgetting'] != 1 else ''}{learned}"
            + ("." if whole else f" (epochs {first} to {last}).")
        )
        st.plotly_chart(
            cache.results.kept((shown.id, index), figures.picture_lines, run, index),
            key="course",
            config=QUIET,
            alt="The picture's probabilities by epoch, coloured by the predicted class",
        )
    if isinstance(sample, xai.Sample):
        show_film(shown, index, sample)


def read_picture(shown: Shown, index: int) -> xai.Sample | str:
    """A picture of the run, or why it cannot be shown."""
    try:
        return cache.runs.run_pictures(shown.id, shown.run)[index]
    except xai.XaiError as error:
        return str(error)


def choose_layer(model: xai.Classifier, key: str) -> str:
    """A stage of the model; the last by default."""
    stages = model.select("stages")
    titles = {layer.name: f"{layer.title} ({layer.size[0]} × {layer.size[1]})" for layer in stages}
    return str(
        st.segmented_control(
            "Layer", list(titles), format_func=titles.__getitem__, default=stages[-1].name, required=True, key=key
        )
    )


def last_model(run: xai.TrainingRun) -> xai.Classifier:
    """The model after the last epoch whose weights can be used; its layers stand for those of all epochs.

    Raises
    ------
    XaiError
        If none can be used.
    """
    for path in reversed(list(run.checkpoints.values())[1:]):
        try:
            return cache.models.checkpoint(path)
        except xai.XaiError:
            continue
    return cache.models.checkpoint(next(iter(run.checkpoints.values())))


def show_film(shown: Shown, index: int, sample: xai.Sample) -> None:
    """Maps of a picture at each epoch with weights, for the predicted and for the true class."""
    run, title = shown.run, xai.get_method(DEFAULT).title
    st.markdown("**What it looked at**")
    if not run.checkpoints:
        st.caption("This run kept no weights, so what the model looked at cannot be shown.")
        return
    bar = st.empty()
    try:
        model = last_model(run)
        layer = choose_layer(model, "film-layer")
        frames, problems = cache.films.film(
            run, sample, int(run.labels[index]), layer, lambda done, total: bar.progress(done / total, f"{title} …")
        )
        if not frames:
            raise xai.ModelError(problems[0])
        view = figures.enlarged(model.preprocessing.prepare(sample).pixels, FILM_SIDE)
    except xai.XaiError as error:
        bar.empty()
        st.caption(controls.plain(f"What the model looked at cannot be shown. {error}"))
        return
    bar.empty()
    film = cache.results.kept(
        (shown.id, cache.stamps.weights_stamp(run), index, sample.id, layer),
        figures.evolution_film,
        list(frames.values()),
        list(frames),
        view,
        run.class_names,
        int(run.labels[index]),
    )
    st.plotly_chart(
        film,
        key=f"film-{index}-{layer}",
        config=QUIET,
        alt=f"{title} by epoch for the predicted and for the true class",
    )
    trust.offer(model, model.preprocessing.prepare(sample), int(frames[max(frames)].targets[0]), [layer])
    show_problems(problems)


def show_problems(problems: list[str]) -> None:
    """Epochs whose weights cannot be used."""
    for problem in problems:
        st.caption(f":material/warning: {controls.plain(problem)}")


@st.fragment
def show_attention(shown: Shown) -> None:
    """When the model begins to look at the object, for pictures with masks."""
    run, title = shown.run, xai.get_method(DEFAULT).title
    if not run.checkpoints or not isinstance(first := read_picture(shown, 0), xai.Sample) or first.mask is None:
        return
    st.header("When does it look at the object?", anchor=False)
    bar = st.empty()
    try:
        model = last_model(run)
        controls_bar = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
        with controls_bar:
            layer = choose_layer(model, "attention-layer")
        of_truth = controls_bar.segmented_control(
            "Map for",
            [False, True],
            format_func=lambda truth: "Label" if truth else "Prediction",
            default=False,
            required=True,
            key="attention-target",
            help="The prediction's map shows what the model decided by, right or wrong.",
        )
        there = cache.runs.run_samples(
            shown.id, model.id, tuple(spread(len(run.pictures), ATTENTION_PICTURES)), run, model
        )
        table, problems = cache.films.attention(
            run,
            shown.id,
            [sample for _, sample in there],
            [int(run.labels[i]) if of_truth else None for i, _ in there],
            layer,
            lambda done, total: bar.progress(done / total, f"Weights {done} of {total} …"),
        )
    except xai.XaiError as error:
        bar.empty()
        st.caption(controls.plain(f"This cannot be shown. {error}"))
        return
    bar.empty()
    state.board()[_ATTENTION] = (shown.id, table)
    st.markdown(controls.plain(studies.attention_sentence(table)))
    st.plotly_chart(
        cache.results.kept(
            (shown.id, cache.stamps.weights_stamp(run), layer, of_truth), figures.attention_figure, table, run
        ),
        key="attention",
        config=QUIET,
        alt=f"Share of {title}'s evidence on the object by epoch, with the validation loss",
    )
    st.caption(
        f"{title} for the {'label' if of_truth else 'prediction'} on {len(there)} of {len(run.pictures):,} pictures, "
        "at the epochs whose weights are kept; the band is a 95 % bootstrap interval over pictures of what exceeds "
        "an even map."
    )
    show_problems(problems)


def spread(n: int, limit: int) -> list[int]:
    """At most `limit` of n positions, evenly spread."""
    step = max(1, -(-n // limit))
    return list(range(0, n, step))


@st.fragment
def show_confusion(shown: Shown) -> None:
    """The confusion matrix by epoch, and how two of its cells moved."""
    run = shown.run
    st.header("Confusion matrix by epoch", anchor=False)
    classes = studies.confused_classes(run, 30).tolist()
    bar = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
    words: dict[figures.Normalised, str] = {
        "counts": "Counts",
        "row": "% of the true class",
        "column": "% of the predicted",
    }
    normalised = bar.segmented_control(
        "Numbers",
        list(words),
        format_func=words.__getitem__,
        default="counts",
        required=True,
        key="numbers",
        bind="query-params",
    )
    cells = st.session_state.setdefault(f"cells-{run.name}", studies.top_confusions(run, 2))
    key = f"matrix-{shown.id}-{normalised}"

    def pick() -> None:
        points = st.session_state[key]["selection"]["points"]
        code = points[0].get("customdata") if points else None
        if code is not None:
            cell = divmod(int(code), len(run.class_names))
            st.session_state[f"cells-{run.name}"] = [cell, *(old for old in cells if old != cell)][:2]

    left, right = st.columns([3, 2], gap="medium")
    with left:
        st.plotly_chart(
            cache.results.kept((shown.id, normalised), figures.confusion_film, run, classes, normalised=normalised),
            key=key,
            on_select=pick,
            selection_mode="points",
            config=QUIET,
            alt="Confusion matrix at each epoch",
        )
        if len(classes) < len(run.class_names):
            st.caption(f"The {len(classes)} most confused of {len(run.class_names):,} classes.")
    with right:
        st.markdown("**How two cells moved**")
        if cells:
            st.plotly_chart(
                cache.results.kept((shown.id, *cells), figures.cell_lines, run, cells),
                key=f"cells-{cells}",
                config=QUIET,
                alt="Counts of two cells by epoch",
            )
        st.caption("Click a cell of the matrix to follow it here; the one before stays beside it.")


@st.fragment
def show_comparison(shown: Shown) -> None:
    """Another run on the same pictures beside this one."""
    st.header("Beside another run", anchor=False)
    titles = {"": "None"} | runs()
    other = st.selectbox(
        "Compare with", list(titles), format_func=titles.__getitem__, key="beside", bind="query-params", width=420
    )
    state.board().pop(_BESIDE, None)
    if not other:
        st.caption("Choose a run on the same pictures: who is right where, and which pictures flip.")
        return
    try:
        found = load(other, "-beside")
        if found is None or found[1] is None:
            if found is not None:
                st.caption("That run has no whole epoch yet.")
            return
        comparison = cache.runs.comparison(shown.id, found[0], shown.run, found[1])
    except xai.XaiError as error:
        st.error(controls.plain(str(error)), icon=":material/error:")
        return
    state.board()[_BESIDE] = comparison
    st.markdown(controls.plain(studies.comparison_sentence(comparison)))
    cards.hypothesis_card(studies.comparison_hypothesis(comparison), "comparison-card")
    if comparison.missing:
        st.caption(f"{comparison.missing:,} pictures are in one of the runs only and are left out.")
    table = comparison.table
    flips = table[table["first_right"] != table["second_right"]]
    left, right = st.columns([3, 2], gap="medium")
    with left:
        st.html(figures.outcome_legend_html())
        st.plotly_chart(
            figures.comparison_figure(comparison),
            key="comparison",
            config=QUIET,
            alt="Which of the two runs is right on each picture at each epoch",
        )
    with right:
        st.markdown(f"**{len(flips):,} pictures are right in one of them only**")
        st.dataframe(
            flips[["picture", "label", "first", "second", "agreement"]].rename(
                columns={"first": comparison.first.name, "second": comparison.second.name}
            ),
            hide_index=True,
            height=420,
            column_config={"agreement": st.column_config.NumberColumn("same at", format="percent")},
        )


def show_progress(shown: Shown) -> None:
    """Whether the second half of the training still helped."""
    card = cache.results.kept((shown.id,), studies.training_hypothesis, shown.run)
    if card is not None:
        st.header(card.question, anchor=False)
        cards.hypothesis_card(card, "progress-card")


def elsewhere(shown: Shown) -> state.Address | None:
    """Where the other pages find the pictures of this run and the model that it ended with; None where it cannot."""
    run = shown.run
    if run.folder is None or not run.checkpoints:
        return None
    titles = {info.key: info.title for info in xai.list_models()}
    key = next((key for key, (_, folder) in RUNS.items() if folder == run.folder), None)
    address: state.Address = {"model": titles[key]} if key else checkpoint_address(run)
    found = {info.key: info.title for info in xai.list_datasets()}.get(run.source.data or "")
    if found is not None:
        return address | {"data": found, "part": run.source.split or "test"}
    return address | {"data": "Folder", "path": str(run.folder)}


def checkpoint_address(run: xai.TrainingRun) -> state.Address:
    """The last weights, as the side bar's Checkpoint takes them."""
    from xai_core.models.checkpoints import describe  # it needs torch, which this page else does without

    path = list(run.checkpoints.values())[-1]
    said = describe(path)
    kinds = {key: kind.title for key, kind in ARCHITECTURES.items()}
    return {
        "model": "Checkpoint",
        "weights": str(path),
        "arch": kinds.get(said.architecture, "") if said else "",
        "classes": "\n".join(run.class_names),
    }


def run_code(run: xai.TrainingRun) -> str:
    """The expression that opens a run again."""
    key = next((key for key, (_, folder) in RUNS.items() if folder == run.folder), None)
    if key:
        return f"xai.TrainingRun.open(RUNS[{key!r}][1])"
    return (
        f"xai.TrainingRun.open({str(run.folder)!r})" if run.folder else "xai.TrainingRun.from_instanceflow('run.json')"
    )


def make_report(board: dict[str, Any], shown: Shown) -> reports.Report:
    """The page as it stands."""
    run = shown.run
    settings = board.get(_FIGURE) or {
        "first": int(run.epochs[0]),
        "last": int(run.epochs[-1]),
        "view": "class",
        "by_class": True,
        "sort": "misclassification",
        "true": (),
        "predicted": (),
        "only": "all",
    }
    name = board.get(_COURSE)
    index = run.pictures.index(name) if name in run.pictures else None
    figure, _ = cache.runs.evolution(shown.id, picture=index, _run=run, **settings)
    comparison = board.get(_BESIDE)
    attended, attention = board.get(_ATTENTION, ("", None))
    sample = read_picture(shown, index) if index is not None else None
    return evolution_report(
        run,
        run_code(run),
        figure,
        card=studies.training_hypothesis(run),
        picture=index,
        comparison=comparison,
        comparison_card=studies.comparison_hypothesis(comparison) if comparison is not None else None,
        attention=attention if attended == shown.id else None,
        samples=[sample] if isinstance(sample, xai.Sample) else [],
        settings={"figure": settings, "address": board["address"]},
    )


def offer_downloads(shown: Shown) -> None:
    """Figure, measures and the run itself as files, made when asked for."""
    run = shown.run
    stem = re.sub(r"[^\w]+", "-", run.name.lower()).strip("-") or "run"

    def figure() -> str:
        first, last = int(run.epochs[0]), int(run.epochs[-1])
        made, _ = cache.runs.evolution(
            shown.id, first, last, "class", True, "misclassification", (), (), "all", None, _run=run
        )
        return figures.to_html(made, run.name, figures.class_entries(run))

    controls.offer_files(
        {
            "Figure (HTML)": (f"{stem}.html", "text/html", figure),
            "Measures (CSV)": (f"{stem}.csv", "text/csv", lambda: shown.measures.to_csv(index=False)),
            "Log (CSV)": (f"{stem}-log.csv", "text/csv", lambda: run.log.assign(epoch=run.epochs).to_csv(index=False)),
            "InstanceFlow (JSON)": (f"{stem}.json", "application/json", run.to_instanceflow),
        }
    )


def main() -> None:
    bar = frame.begin("training_evolution")
    chosen = choose()
    if chosen is None:
        st.info("Choose a run in the side bar; what is missing is said there.", icon=":material/arrow_back:")
        return
    job = chosen.job if isinstance(chosen, Shown) else chosen
    if job is not None:
        training_panel.show(job)
    if not isinstance(chosen, Shown):
        if not chosen.alive:
            return
        st.caption("The figures appear with the first whole epoch.")
        return
    notices.missing(state.settle([(name, name) for name in chosen.run.pictures]))
    show_findings(chosen)
    show_evolution(chosen)
    there = elsewhere(chosen)
    state.keep_as(there)
    frame.picture_bar(bar, "training_evolution", lambda page: there)  # in the figure's order
    show_progress(chosen)
    attention = st.container()  # filled last: it takes longest, and what stands below need not wait for it
    show_confusion(chosen)
    show_comparison(chosen)
    st.header("Take it away", anchor=False)
    frame.offer_report("evolution", lambda board: make_report(board, chosen))
    offer_downloads(chosen)
    with attention:
        if job is not None and job.alive:
            st.caption("When the training has ended, this page says when the model began to look at the object.")
        else:
            show_attention(chosen)


main()
