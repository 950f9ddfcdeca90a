"""The side bar's pickers, shared by the pages. Lists come from the registries; every value is in the URL."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

import streamlit as st

import xai_core as xai
from app import cache, paths, state
from xai_core.batch.opening import is_record
from xai_core.batch.store import is_study
from xai_core.data import voc
from xai_core.models import ARCHITECTURES, BUNDLED
from xai_core.questions.choices import LAYERS, TARGET
from xai_core.questions.question import Choice
from xai_core.shipped import RUNS
from xai_core.types import Layer

FOLDER, UPLOADS, CHECKPOINT = "folder", "uploads", "checkpoint"
DEFAULT_PICTURES = 32
MAX_UPLOADS = 64
MAX_UPLOAD_MB = 200  # of all pictures of a session
_VIEWS = Path(__file__).with_name("views")
_UPLOADED = "uploaded pictures"  # session key: (name, content) of each
# Web and mail addresses become links, and names of icons icons, whatever is escaped: an invisible letter prevents it.
_LINKED = re.compile(r"(?<=:)(?=//|material/)|(?<=www)(?=\.)|(?<=@)", re.IGNORECASE)
_NUMBERED = re.compile(r"^(\s*\d+)([.)])(?=\s|$)")  # would begin a list


@dataclass(frozen=True)
class Markup:
    """HTML made here. As plain text, Streamlit would look for its indentation, which takes long where pictures are."""

    body: str

    def _repr_html_(self) -> str:
        return self.body


@dataclass(frozen=True)
class Target:
    """Which class the maps explain.

    Attributes
    ----------
    kind : "label", "prediction" or "class"
    index : the class of "class"
    """

    kind: str
    index: int | None = None


def _show(error: xai.XaiError) -> None:
    st.error(plain(str(error)), icon=":material/error:")


def plain(text: str) -> str:
    """Text as it is, in one line, with nothing that Markdown would act on."""
    text = _LINKED.sub("\N{WORD JOINER}", " ".join(text.splitlines()))
    for character in "\\`*_{}[]<>()#+-!|$:~&":
        text = text.replace(character, "\\" + character)
    return _NUMBERED.sub(r"\1\\\2", text)


def choose_data(
    default: str | None = None, most: int = DEFAULT_PICTURES, split: str | None = None
) -> xai.Dataset | None:
    """The pictures to look at, or None with the reason shown.

    Parameters
    ----------
    default : key of the data set that a page begins with
    most : how many pictures it begins with, at most
    split : the split that it begins with, where there is one of that name
    """
    known = {info.key: info for info in xai.list_datasets()}
    titles = {key: info.title for key, info in known.items()} | {FOLDER: "Folder", UPLOADS: "Upload"}
    _warn_of_missing("data", "Pictures", titles.values())
    source = st.selectbox(
        "Pictures",
        list(titles),
        index=list(titles).index(default) if default else 0,
        format_func=titles.__getitem__,
        key="data",
        bind="query-params",
    )
    state.note("data", titles[source])
    try:
        if source == UPLOADS:
            files = uploaded()
            if not files:
                return None
            found = xai.from_uploads(files)
        elif source == FOLDER:
            path = st.text_input(
                "Path",
                key="path",
                placeholder="/home/me/pictures",
                help="One folder for each class, Tiny ImageNet's own layout, or just pictures; images/ and masks/ side "
                "by side, or a VOCdevkit; or the record of a training, whose test pictures are taken.",
                bind="query-params",
            ).strip()
            if not path:
                st.caption("Type the path of a folder on the computer that runs this page.")
                return None
            state.note("path", path)
            path = str(paths.allowed(path))
            if is_study(path):
                _offer_study(path)
                return None
            if is_record(path):
                stamp = cache.stamps.run_stamp(path)
                found = cache.runs.run_pictures(f"{path}:{stamp}", cache.runs.run(path, stamp))
                return _choose_some(found, most)
            part = st.text_input(
                "Split",
                key="split",
                placeholder="test, else val",
                help="train, val or test, where there are any",
                bind="query-params",
            ).strip()
            state.note("split", part)
            others = "background"
            if cache.stamps.is_folder(path) and voc.recognises(Path(path).expanduser()):
                others = st.segmented_control(
                    "Other classes in a picture",
                    ["background", "ignore"],
                    default="background",
                    required=True,
                    key="others",
                    bind="query-params",
                    help="What an object of another class counts as in the mask.",
                )
                state.note("others", others)
            found = cache.data.dataset(path, part or None, cache.stamps.folder_stamp(path), others)
        elif not known[source].on_disk:
            download(known[source])
            return None
        else:
            splits = known[source].splits
            chosen = None
            if splits:
                _warn_of_missing("part", "Split", splits)
                chosen = st.segmented_control(
                    "Split",
                    splits,
                    default=split if split in splits else splits[0],
                    required=True,
                    key="part",
                    bind="query-params",
                )
                state.note("part", chosen)
            found = cache.data.dataset(source, chosen, "")
        return _choose_some(found, most)
    except xai.XaiError as error:
        _show(error)
        return None


def _choose_some(found: xai.Dataset, most: int) -> xai.Dataset:
    """The labels and the number of pictures wanted."""
    labels: list[str] = []
    also = [name] if (name := state.also()) else []
    if len(found.labels) > 1:
        _warn_of_missing("labels", "Labels", found.labels)
        labels = st.multiselect(
            "Labels", found.labels, key="labels", placeholder=f"all {len(found.labels)}", bind="query-params"
        )
        state.note("labels", labels)
    there = found.choose(labels or None, also=also)
    if len(there) > 1:
        state.reset_on_change("n", found.key, min(most, len(there)))
        limit = st.number_input(
            f"How many of {len(there):,}",
            1,
            len(there),
            min(most, len(there)),
            key="n",
            help="Labels take turns, so that each has its share.",
            bind="query-params",
        )
        some = found.choose(labels or None, int(limit), also)
        if guest := state.guest(len(some) - int(limit)):
            st.caption(f"and {plain(guest)}, which you brought along")
        return some
    return there


def uploaded() -> list[tuple[str, bytes]]:
    """Pictures that were dropped here, as (name, content); they stay chosen on the other pages of this session."""
    files = st.file_uploader(
        "JPEG, PNG, WebP, TIFF, BMP or GIF", accept_multiple_files=True, key="files", max_upload_size=20
    )
    if files:
        so_far = accumulate(file.size for file in files)
        room = min(MAX_UPLOADS, sum(size <= MAX_UPLOAD_MB * 1_000_000 for size in so_far))
        if room < len(files):
            st.warning(
                f"The first {room} of {len(files)} pictures are used: a session may keep {MAX_UPLOADS}, of "
                f"{MAX_UPLOAD_MB} MB in all."
            )
        st.session_state[_UPLOADED] = [(file.name, file.getvalue()) for file in files[:room]]
    kept: list[tuple[str, bytes]] = st.session_state.get(_UPLOADED, [])
    if not kept:
        st.caption("Drop one picture or more here; they stay on this computer.")
        if state.asked("data"):
            st.caption("The link was made with uploaded pictures, which a link cannot carry.")
    elif not files:
        count = "1 picture" if len(kept) == 1 else f"{len(kept)} pictures"
        st.caption(f"{count} dropped before: {plain(', '.join(name for name, _ in kept[:3]))}")
        st.button("Forget them", on_click=lambda: st.session_state.pop(_UPLOADED, None), type="tertiary")
    return kept


def _offer_study(path: str) -> None:
    """Open a batch study in place of its folder: the page and all choices that it was made with."""
    found = cache.study_folders.study(path)
    page, address = found.address
    if not page:
        st.caption("This folder holds a batch study that is not complete yet.")
        return
    if not (page.isidentifier() and (_VIEWS / f"{page}.py").is_file()):
        st.caption("This folder holds a batch study, but the page that it names is none of these.")
        return
    st.caption("This folder holds a batch study. Its page opens with its results.")
    st.button(
        "Open the study", on_click=state.go, args=(page, {**address, "study": path}), type="primary", width="stretch"
    )


def _warn_of_missing(key: str, what: str, offered: Iterable[str]) -> None:
    """Say what the address asked for and is not here; the widget passes it over without a word."""
    there = set(offered)
    if missing := [text for text in state.asked(key) if text and text not in there]:
        st.warning(
            plain(f"{what}: the address asks for {', '.join(missing)}, which is not here."), icon=":material/link_off:"
        )


def _checkpoint_request() -> tuple[str, tuple[tuple[str, Any], ...], str] | None:
    kinds = {key: kind.title for key, kind in ARCHITECTURES.items()}
    path = st.text_input(
        "Weights (state dict or .safetensors)", key="weights", placeholder="/home/me/model.pth", bind="query-params"
    )
    architecture = st.selectbox(
        "Architecture", list(kinds), format_func=kinds.__getitem__, key="arch", bind="query-params"
    )
    names = st.text_area(
        "Class names, one a line",
        key="classes",
        placeholder="cat\ndog\n… or the word imagenet",
        help="In the order of the model's outputs. Left empty, the classes are numbered.",
        bind="query-params",
    )
    if not path.strip():
        st.caption("Type the path of a file with weights. Only tensors are read from it, never code.")
        return None
    state.note("weights", path.strip())
    state.note("arch", kinds[architecture])
    state.note("classes", names)
    lines = tuple(line.strip() for line in names.splitlines() if line.strip())
    classes: Any = "imagenet" if lines == ("imagenet",) else lines or None
    settings = (("architecture", architecture), ("class_names", classes))
    place = str(paths.allowed(path))
    return place, settings, cache.stamps.file_stamp(place)


def download(info: xai.ModelInfo | xai.DatasetInfo) -> None:
    """Offer a download; run it with a bar when asked."""
    st.info(f"{info.title} is not on this disk. It takes {info.download_mb:.0f} MB.", icon=":material/download:")
    if not st.button(f"Download {info.title}", type="primary", width="stretch"):
        return
    bar = st.progress(0.0, "Connecting …")

    def progress(done: int, total: int) -> None:
        share = min(1.0, done / total) if total else 0.0
        bar.progress(share, f"{done / 1e6:.0f} of {(total or info.download_mb * 1e6) / 1e6:.0f} MB")

    try:
        fetch = xai.download_model if isinstance(info, xai.ModelInfo) else xai.download_dataset
        fetch(info.key, progress=progress)
    except xai.XaiError as error:
        bar.empty()
        _show(error)
    else:
        st.rerun()


def begins_with(data: str, model: str) -> dict[str, str]:
    """The data set and the model that a page begins with, as the address names them."""
    titles = {info.key: info.title for info in xai.list_datasets()}
    return {"data": titles[data], "model": {info.key: info.title for info in xai.list_models()}[model]}


def offer_files(files: Mapping[str, tuple[str, str, Callable[[], str | bytes]]]) -> None:
    """Buttons side by side that make a file when pressed: label -> (file name, media type, its content)."""
    for column, (label, (name, kind, make)) in zip(st.columns(len(files)), files.items(), strict=True):
        column.download_button(label, make, name, kind, width="stretch", on_click="ignore")


def fitting(data: xai.Dataset | None, default: str = BUNDLED) -> str:
    """The key of the model that comes along and knows such pictures; a page's own default where it fits."""
    if data is None:
        return default
    digits = data.key.startswith("textured_digits")
    return (default if default in RUNS else "digits") if digits else default if data.key == "run" else BUNDLED


def choose_model(default: str = BUNDLED) -> xai.Classifier | None:
    """The model; where the one asked for cannot be loaded, the last one that could, and the page says so.

    Parameters
    ----------
    default : key of the model that a page begins with
    """
    known = {info.key: info for info in xai.list_models()}
    titles = {key: info.title for key, info in known.items()} | {CHECKPOINT: "Checkpoint"}
    _warn_of_missing("model", "Model", titles.values())
    state.reset_on_change("model", default, default)
    key = st.selectbox(
        "Model",
        list(titles),
        index=list(titles).index(default),
        format_func=titles.__getitem__,
        key="model",
        bind="query-params",
    )
    state.note("model", titles[key])
    request: tuple[str, tuple[tuple[str, Any], ...], str] | None = (key, (), "")
    if key == CHECKPOINT:
        try:
            request = _checkpoint_request()
        except xai.XaiError as error:
            _show(error)
            request = None
    elif not known[key].on_disk:
        download(known[key])
        request = None
    if request is not None:
        try:
            with st.spinner("Loading the model …"):
                model = cache.models.classifier(*request)
            state.remember_model(request)
            return model
        except xai.XaiError as error:
            _show(error)
    try:
        model = cache.models.classifier(*(state.last_model() or (default, (), "")))
    except xai.XaiError:  # its file has gone, too
        model = cache.models.classifier(default, (), "")
    st.caption(f"Until then the page stays with {plain(model.title)}.")
    return model


def choose_option(choice: Choice) -> Any:
    """One of the options of a question's choice."""
    return st.segmented_control(
        choice.title,
        list(choice.options),
        format_func=choice.name_of,
        default=choice.default,
        required=True,
        key=choice.address,
        bind="query-params",
        help=choice.help or None,
    )


def choose_layers(model: xai.Classifier) -> tuple[Layer, ...] | None:
    """The layers to look at, in order of depth, or None with the reason shown."""
    try:
        model.select()
        groups = {**LAYERS.options, "choice": LAYERS.other}
        group = st.segmented_control(
            LAYERS.title,
            list(groups),
            format_func=groups.__getitem__,
            default=LAYERS.default,
            required=True,
            key=LAYERS.address,
            bind="query-params",
        )
        if group != "choice":
            return model.select(group)
        sizes = {layer.name: f"{layer.name}  ({layer.size[0]} × {layer.size[1]})" for layer in model.layers}
        names = st.multiselect(
            "Names",
            list(sizes),
            default=list(model.groups["stages"][-1:]),
            format_func=lambda n: sizes.get(n, n),
            accept_new_options=True,
            key="pick",
            bind="query-params",
        )
        return model.select(names)
    except xai.XaiError as error:
        _show(error)
        return None


def choose_layer(model: xai.Classifier) -> str | None:
    """One layer for Grad-CAM, the last stage unless another is chosen; None with the reason shown."""
    try:
        stages = model.select("stages")
    except xai.XaiError as error:
        st.caption(plain(str(error)))
        return None
    titles = {layer.name: layer.title for layer in stages}
    sizes = {layer.name: f"{layer.size[0]} × {layer.size[1]}" for layer in model.layers}
    names = [layer.name for layer in model.layers]
    state.reset_on_change("layer", model.id, stages[-1].name)
    words = {name: f"{titles.get(name, name)} ({sizes[name]})" for name in names}
    _warn_of_missing("layer", "Layer", words.values())
    return st.selectbox(
        "Layer of Grad-CAM",
        names,
        index=names.index(stages[-1].name),
        key="layer",
        format_func=words.__getitem__,
        bind="query-params",
    )


def choose_target(model: xai.Classifier, labelled: bool) -> Target:
    """The class that the maps explain."""
    kinds = {**TARGET.options, "class": TARGET.other}
    kind = st.segmented_control(
        TARGET.title,
        list(kinds),
        format_func=kinds.__getitem__,
        default="label" if labelled else "prediction",
        required=True,
        key=TARGET.address,
        help=TARGET.help,
        bind="query-params",
    )
    state.note("target", kinds[kind])
    if kind != "class":
        return Target(kind)
    _warn_of_missing("class", "Class", model.class_names)
    name = st.selectbox("Class", model.class_names, key="class", bind="query-params")
    state.note("class", name)
    return Target("class", model.class_names.index(name))
