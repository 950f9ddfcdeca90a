"""Records of a training that are small as files and large as what is made of them."""

import io
import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.support.limits import bounded
from tests.support.pages import open_page, text
from tests.support.runs import draw
from xai_core import apart, figures, studies
from xai_core.errors import RecordError
from xai_core.records import PictureSource, RunWriter, TrainingRun, confused, spread

MEGABYTES = 300


def instanceflow(classes=2, epochs=3, pictures=3, name="c"):
    rows = [[i % classes for i in range(e, e + pictures)] for e in range(3)]
    return {
        "labels": [f"{name}{i}" for i in range(classes)],
        "instances": [{"id": str(i), "actual": i * (classes - 1) // max(pictures - 1, 1)} for i in range(pictures)],
        "epochs": [{"id": str(e), "classifications": rows[e % 3]} for e in range(1, epochs + 1)],
    }


@pytest.fixture
def warm(tmp_path):
    """What a page loads when it is opened for the first time counts for nobody."""
    (tmp_path / "first.json").write_text(json.dumps(instanceflow()))
    open_page("training_evolution", run="A record on disk", record=str(tmp_path / "first.json"))


def opened(path, seconds=2.0):
    with bounded(seconds, MEGABYTES):
        return open_page("training_evolution", run="A record on disk", record=str(path))


def test_twelve_thousand_classes_are_shown_without_a_matrix_of_them(tmp_path, warm):
    path = tmp_path / "run.json"
    path.write_text(json.dumps(instanceflow(classes=12_000)))
    said = text(opened(path))
    assert "3 pictures · 12,000 classes · 3 epochs" in said
    assert "The 30 most confused of 12,000 classes." in said


def test_ten_thousand_epochs_are_drawn_in_part_and_counted_whole(tmp_path, warm):
    path = tmp_path / "run.json"
    path.write_text(json.dumps(instanceflow(epochs=10_000)))
    at = opened(path, seconds=4.0)  # three figures of hundreds of epochs, wherever the measure is taken
    said = text(at)
    assert "Of 10,000 epochs 500 are drawn, evenly spread" in said
    assert "Of 10,000 epochs 100 are shown, evenly spread." in said


@pytest.mark.parametrize(
    ("large", "says"),
    [
        ({"classes": 40_000}, "run.json has 40,000 classes; at most 25,000 are read."),
        ({"epochs": 100_000}, "run.json has 100,000 epochs; at most 10,000 are read."),
        ({"classes": 30, "name": "x" * 200_000}, "has a name of a class with 200,00"),
    ],
)
def test_what_is_too_large_ends_in_a_sentence(tmp_path, warm, large, says):
    path = tmp_path / "run.json"
    path.write_text(json.dumps(instanceflow(**large)))
    at = opened(path)
    assert any(says in error.value.replace("\\", "") for error in at.error), [error.value for error in at.error]


def test_millions_of_lists_are_refused_before_they_are_made():
    content = b'{"labels": [], "instances": [' + b"[]," * 6_000_000 + b'[]], "epochs": []}'
    with bounded(1.0, 100), pytest.raises(RecordError, match=r"lists and objects; at most 1,000,000 are read"):
        TrainingRun.from_instanceflow(content)


def test_a_record_on_disk_has_the_same_bounds(tmp_path):
    writer = RunWriter(tmp_path / "run")
    names = [f"c{i}" for i in range(25_001)]
    writer.begin(name="r", class_names=names, pictures=["a"], labels=np.array([0]), source=PictureSource())
    writer.epoch(1, np.array([25_000]), np.ones(1, np.float32), np.ones(1, np.float32))
    with bounded(2.0, MEGABYTES), pytest.raises(RecordError, match="25,001 classes; at most 25,000"):
        TrainingRun.open(tmp_path / "run")
    epochs = tmp_path / "run" / "epochs"
    for number in range(2, 10_002):
        (epochs / f"{number:05d}.parquet").touch()
    writer.begin(name="r", class_names=["c"], pictures=["a"], labels=np.array([0]), source=PictureSource())
    with bounded(2.0, MEGABYTES), pytest.raises(RecordError, match="10,001 epochs; at most 10,000"):
        TrainingRun.open(tmp_path / "run")


# The same numbers without the matrix


def test_pairs_are_the_matrix():
    run = draw(3, 4, 200, 7)
    for epoch in run.epochs.tolist():
        pairs, matrix = confused(run, epoch), run.confusion(epoch)
        rebuilt = np.zeros((7, 7), int)
        rebuilt[pairs.true, pairs.predicted] = pairs.pictures
        assert (rebuilt == matrix).all()
        assert (pairs.of_true == matrix.sum(axis=1)).all()
        assert (pairs.of_predicted == matrix.sum(axis=0)).all()
        assert (pairs.among([5, 1, 2]) == matrix[np.ix_([5, 1, 2], [5, 1, 2])]).all()
        assert not (pairs.wrong().true == pairs.wrong().predicted).any()
        assert pairs.wrong().pictures.sum() == matrix.sum() - np.trace(matrix)


def test_a_matrix_of_too_many_classes_is_refused_and_the_pairs_are_not():
    run = draw(0, 2, 5, 5_001)
    with pytest.raises(RecordError, match="5,001 classes, and a matrix of so many would fill the memory"):
        run.confusion()
    assert confused(run).pictures.sum() == 5


@pytest.mark.parametrize("how", ["counts", "row", "column"])
def test_the_film_of_a_part_of_the_classes_counts_all_pictures(how):
    run = draw(5, 3, 300, 9)
    film = figures.confusion_film(run, [1, 4, 8], normalised=how)
    for frame, epoch in zip(film.frames, run.epochs, strict=True):
        matrix = run.confusion(int(epoch)).astype(float)
        if how != "counts":
            totals = matrix.sum(axis=1 if how == "row" else 0, keepdims=True)
            matrix = np.round(100 * matrix / np.maximum(totals, 1), 1)
        assert np.allclose(frame.data[0].z, matrix[np.ix_([1, 4, 8], [1, 4, 8])])


def test_what_a_row_shows_most_often_does_not_depend_on_how_it_is_counted(monkeypatch):
    run = draw(8, 6, 700, 30)
    measures = run.measures()
    order = studies.choose_rows(run, measures)
    dense = studies.evolution_rows(run, order, measures, limit=60)
    monkeypatch.setattr("xai_core.studies.training_evolution._DENSE", 0)
    assert (studies.evolution_rows(run, order, measures, limit=60).classes == dense.classes).all()


def test_more_classes_than_can_be_drawn_share_rows():
    run = draw(1, 2, 4_000, 3_000)
    measures = run.measures()
    rows = studies.evolution_rows(run, studies.choose_rows(run, measures), measures)
    assert len(rows.members) <= 500
    assert sum(map(len, rows.members)) == 4_000


def test_colours_stay_where_classes_are_many():
    """Each cell has the colour of its class, whether the scale has a step a class or a step a colour."""
    run = draw(2, 2, 400, 1_300)
    measures = run.measures()
    rows = studies.evolution_rows(run, studies.choose_rows(run, measures), measures)
    colours = figures.run_colours(run)
    (cells,) = (trace for trace in figures.evolution_figure(run, rows).data if trace.type == "heatmap")
    scale = [colour for _, colour in cells.colorscale][::2]
    assert cells.zmax == len(scale) - 0.5
    assert np.array(scale)[cells.z].tolist() == np.array(colours)[rows.classes].tolist()


def test_spread_epochs_begin_and_end_as_the_run_does():
    run = draw(0, 50, 4, 3)
    assert spread(run, 50) is run
    some = spread(run, 7)
    assert len(some.epochs) == 7
    assert (some.epochs[0], some.epochs[-1]) == (run.epochs[0], run.epochs[-1])
    steps = np.diff(np.flatnonzero(np.isin(run.epochs, some.epochs)))
    assert steps.max() - steps.min() <= 1


def test_a_long_name_of_a_class_is_cut_in_the_cells_alone():
    run = draw(0, 2, 4, 2)
    long = TrainingRun(
        **{key: getattr(run, key) for key in ("pictures", "labels", "epochs", "predictions")},
        name="long",
        class_names=("a" * 300, "b"),
    )
    rows = studies.evolution_rows(long, np.arange(4), long.measures())
    (cells,) = (trace for trace in figures.evolution_figure(long, rows).data if trace.type == "heatmap")
    assert max(len(said) for said in np.array(cells.text).ravel()) < 200
    assert "a" * 300 in figures.class_legend_html(long)


# Two records


def put(folder, made, epochs):
    """A record of some epochs of a run."""
    writer = RunWriter(folder)
    writer.begin(
        name=folder.name,
        class_names=made.class_names,
        pictures=made.pictures,
        labels=made.labels,
        source=PictureSource("textured_digits"),
    )
    for number in epochs:
        writer.epoch(number, made.predictions[number - 1], made.p_predicted[number - 1], made.p_true[number - 1])
    return str(folder)


@pytest.mark.parametrize(
    ("first", "second", "says"),
    [
        ((1, 2, 3), (3, 4, 5), "Of 12 pictures, "),
        ((3,), (3,), "Of 12 pictures, "),
        ((1, 2), (3, 4), "a and b have no epoch in common, so they cannot be compared."),
    ],
)
def test_runs_that_share_one_epoch_or_none_are_compared_or_a_sentence(first, second, says, tmp_path):
    made = draw(3, 5, 12, 3)
    paths = [put(tmp_path / name, made, epochs) for name, epochs in (("a", first), ("b", second))]
    at = open_page(
        "training_evolution", run="A record on disk", record=paths[0], beside="A record on disk", record_beside=paths[1]
    )
    assert says in text(at)


# Tables that visitors send


@pytest.mark.parametrize("end", [b"\n", b"\r"])
def test_a_table_that_is_sent_has_fewer_rows_than_one_on_the_servers_disk(end, tmp_path):
    table = b"epoch,picture,label,predicted" + end + b"".join(b"1,%d,a,a%b" % (row, end) for row in range(1_000_001))
    with (
        apart.switched_on(),
        bounded(2.0, 50),
        pytest.raises(RecordError, match=r"1,000,001 rows; .* server's disk\.$"),
    ):
        TrainingRun.open(table)
    if end == b"\n":  # as the command reads it, and whoever has it in memory
        assert len(TrainingRun.open(table).pictures) == 1_000_001


def test_a_table_of_a_million_names_that_is_sent_is_refused():
    table = b"epoch,picture,label,predicted\n" + b"".join(b"1,%d,a,a\n" % row for row in range(1_000_000))
    with apart.switched_on(), bounded(2.0, 200), pytest.raises(RecordError, match="MB of different texts"):
        TrainingRun.open(table)
    few = b"epoch,picture,label,predicted\n"
    few += b"".join(
        b"%d,pictures/of/a/class/in/a/deep/folder/%07d.png,a,a\n" % divmod(row, 150_000) for row in range(300_000)
    )
    with apart.switched_on():
        assert len(TrainingRun.open(few).pictures) == 150_000


def test_a_table_of_weights_and_biases_has_no_more_rows_than_that_writes():
    rows = b",".join(b'[1,%d,"a","a"]' % row for row in range(500_000))
    table = b'{"columns": ["epoch", "picture", "label", "predicted"], "data": [' + rows + b"]}"
    with bounded(3.0, 250), pytest.raises(RecordError, match=r"500,000 rows; at most 400,000 are read\.$"):
        TrainingRun.open(table)


@pytest.mark.parametrize(
    ("rows", "long", "says"),
    [(300_000, 20, "MB of different texts for its size"), (300_000, 50, "so many texts from so few bytes")],
)
def test_a_small_table_of_long_names_that_is_sent_is_refused(rows, long, says):
    file, names = io.BytesIO(), [f"{row:07d}" * long for row in range(rows)]
    same = pa.array(["a"] * rows)
    pq.write_table(
        pa.table({"epoch": np.ones(rows, int), "picture": names, "label": same, "predicted": same}),
        file,
        compression="zstd",
    )
    assert len(file.getvalue()) < 2_000_000
    with apart.switched_on(), bounded(2.0, 300), pytest.raises(RecordError, match=says):
        TrainingRun.open(file.getvalue())
