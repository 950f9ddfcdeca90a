"""Tables of predictions as training loops log them: what they say is what a run holds, and nothing wrong passes."""

import io
import json

import numpy as np
import pandas as pd
import pytest

from xai_core.errors import RecordError
from xai_core.records import TrainingRun, files_read, holds_predictions, limits, opening, tables

EXPECTED = "Expected a row for each picture at each epoch, with columns such as epoch, picture, label and predicted."
CSV = """epoch,picture,label,predicted,p_predicted,p_true,train_loss
1,a.png,cat,dog,0.6,0.4,2.5
1,b.png,dog,dog,0.7,0.7,2.5
2,b.png,dog,dog,0.9,0.9,1.5
2,a.png,cat,cat,0.8,0.8,1.5
"""


def opened(text):
    return TrainingRun.open(text if isinstance(text, bytes) else text.encode())


def refused(source):
    with pytest.raises(RecordError) as caught:
        opened(source)
    return str(caught.value)


def frame(epochs=3, pictures=4, classes=3, seed=0):
    """Every picture at every epoch, in an order that differs from epoch to epoch."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, classes, pictures)
    rows = [
        (e, f"{i}.png", labels[i], rng.integers(0, classes)) for e in range(epochs) for i in rng.permutation(pictures)
    ]
    return pd.DataFrame(rows, columns=["epoch", "image", "label", "pred"])


def parquet(table):
    content = io.BytesIO()
    table.to_parquet(content)
    return content.getvalue()


def test_what_a_table_says_is_what_the_run_holds():
    run = opened(CSV)
    assert (run.class_names, run.pictures) == (("cat", "dog"), ("a.png", "b.png"))
    assert (run.labels.tolist(), run.epochs.tolist()) == ([0, 1], [1, 2])
    assert run.predictions.tolist() == [[1, 1], [0, 1]]
    np.testing.assert_allclose(run.p_predicted, [[0.6, 0.7], [0.8, 0.9]])
    np.testing.assert_allclose(run.p_true, [[0.4, 0.7], [0.8, 0.9]])
    assert run.log["train_loss"].tolist() == [2.5, 1.5]
    assert run.log["val_loss"].isna().all()
    assert (run.problems, run.files, run.name) == ((), (), "The file")


def wandb_json(table):
    return json.dumps({"columns": list(table.columns), "data": table.astype(object).to_numpy().tolist()}).encode()


def lines(table):
    return "\n".join(json.dumps(row) for row in table.astype(object).to_dict("records")).encode()


@pytest.mark.parametrize(
    "written",
    [
        lambda table: table.to_csv(index=False).encode(),
        lambda table: ("\ufeff" + table.to_csv(index=False, sep=";")).encode(),
        lambda table: table.to_csv(index=False, sep="\t").encode("utf-16"),
        parquet,
        lambda table: parquet(table.astype({"pred": float, "image": "category"})),
        wandb_json,
        lines,
        lambda table: table,
    ],
    ids=["CSV", "semicolons", "tabs in UTF-16", "Parquet", "Parquet of other types", "W&B", "JSON lines", "DataFrame"],
)
def test_each_format_gives_the_same_run_as_counting_by_hand(written):
    table = frame(epochs=5, pictures=7)
    run = TrainingRun.open(written(table))
    names = sorted(set(table["label"]) | set(table["pred"]))
    assert run.class_names == tuple(map(str, names))
    wide = table.pivot(index="epoch", columns="image", values="pred")[list(run.pictures)]
    np.testing.assert_array_equal(np.array(names)[run.predictions], wide.to_numpy())
    truth = table.drop_duplicates("image").set_index("image")["label"][list(run.pictures)]
    np.testing.assert_array_equal(np.array(names)[run.labels], truth.to_numpy())
    assert run.problems == ()


@pytest.mark.parametrize(
    ("titles", "expected"),
    [
        ("Epoch,File name,True class,Prediction", True),
        ("epoch,image_id,target,pred", True),
        ("epoch,path,ground truth,y_pred", True),
        ("val/epoch,val/id,val/label,val/predicted", True),
        ("epoch,loss,accuracy", False),
        ("file,label", False),
    ],
)
def test_columns_are_known_by_their_usual_names(titles, expected, tmp_path):
    rows = "1,a,x,y\n1,b,y,y\n" if expected else "1,2,3\n"
    path = tmp_path / "log.csv"
    path.write_text(f"{titles}\n{rows}")
    assert holds_predictions(path) is expected
    if expected:
        assert TrainingRun.open(path).predictions.tolist() == [[1, 1]]


def test_numbers_are_sorted_by_size_and_one_however_they_are_written():
    run = opened("epoch,id,label,pred\n1,a,10,9.0\n1,b,9,10.0\n1,c,2,2")
    assert run.class_names == ("2", "9", "10")
    assert (run.labels.tolist(), run.predictions.tolist()) == ([2, 1, 0], [[1, 2, 0]])


def test_a_class_that_is_called_na_is_a_class():
    assert opened("epoch,id,label,pred\n1,a,NA,None\n1,b,None,NA").class_names == ("NA", "None")


def test_names_on_one_side_and_numbers_on_the_other_are_refused_and_not_all_wrong():
    said = refused("epoch,id,label,pred\n1,a,cat,0\n1,b,dog,1")
    assert said == (
        "The file: no class of the column 'pred' (0, 1) occurs in 'label' (cat, dog), so that every prediction would "
        "be wrong. Write both as names, or both as numbers."
    )


def test_without_names_of_pictures_their_order_counts_where_labels_agree_with_it():
    run = opened("epoch,label,pred\n1,x,x\n1,y,x\n2,x,x\n2,y,y")
    assert (run.pictures, run.predictions.tolist()) == (("0", "1"), [[0, 0], [0, 1]])
    (problem,) = run.problems
    assert problem == (
        "No column names the pictures: they are taken to stand in the same order at each epoch, and their labels agree "
        "with that."
    )
    assert "labelled 'x' at epoch 1 and 'y' at epoch 2" in refused("epoch,label,pred\n1,x,x\n1,y,x\n2,y,x\n2,x,y")


def test_what_names_no_picture_gives_way_to_what_does():
    """A column of pictures of Weights & Biases reads "Image" in each row."""
    run = opened("epoch,image,id,label,pred\n1,Image,7,x,x\n1,Image,8,y,x")
    assert run.pictures == ("7", "8")


def test_unfinished_epochs_and_stray_pictures_are_left_out_and_said():
    whole = "\n".join(f"{e},{i},x,{'xy'[i % 2]}" for e in (1, 2, 3) for i in range(4))
    run = opened(f"epoch,id,label,pred\n{whole}\n4,0,x,x\n1,stray,x,x")
    assert (run.epochs.tolist(), run.pictures) == ([1, 2, 3], ("0", "1", "2", "3"))
    assert run.problems == (
        "Pictures that fewer than half of the epochs have were left out: 1.",
        "Epoch 4 has predictions for 1 of 4 pictures: left out.",
    )


def test_an_empty_prediction_is_none():
    run = opened("epoch,id,label,pred\n1,a,x,x\n1,b,y,y\n2,a,x,\n2,b,y,y")
    assert run.epochs.tolist() == [1]
    assert run.problems == ("Epoch 2 has predictions for 1 of 2 pictures: left out.",)


def test_what_is_no_probability_is_not_used_and_said():
    run = opened("epoch,id,label,pred,confidence\n1,a,x,x,3.2\n1,b,y,y,0.4")
    assert run.p_predicted is None
    assert run.problems == ("The column 'confidence' is not used: its values are not all between 0 and 1.",)


def test_a_probability_of_another_class_is_not_taken_for_the_predicted_ones():
    """Of two classes, the probability of "y" throughout: below one half wherever "x" is predicted."""
    run = opened("epoch,id,label,pred,prob\n1,a,x,x,0.2\n1,b,y,y,0.9\n1,c,y,x,0.4")
    assert run.p_predicted is None
    assert run.problems == (
        "The column 'prob' is not used: in 2 rows it is below 0.5, which is too little for the likeliest class, so it "
        "may be the probability of another one.",
    )


def test_an_accuracy_in_percent_is_not_used_and_said():
    run = opened("epoch,id,label,pred,val_accuracy,train_accuracy\n1,a,x,x,87.5,0.9\n1,b,y,y,87.5,0.9")
    assert run.log["val_accuracy"].isna().all()
    assert run.log["train_accuracy"].tolist() == [0.9]
    assert run.problems == ("The column 'val_accuracy' is not used: an accuracy lies between 0 and 1.",)


def test_a_figure_counts_where_an_epoch_says_one_value():
    run = opened("epoch,id,label,pred,val_loss\n1,a,x,x,0.5\n1,b,y,y,0.5\n2,a,x,x,0.4\n2,b,y,y,0.3")
    assert run.log["val_loss"].tolist()[0] == 0.5
    assert np.isnan(run.log["val_loss"].tolist()[1])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", f"The file is no table of predictions: its columns are none. {EXPECTED}"),
        ("a,b\n1,2", f"The file is no table of predictions: its columns are a, b. {EXPECTED}"),
        ("id,label,pred\n0,x,x", f"The file has no column of epochs. {EXPECTED}"),
        ("epoch,id,label,pred\n", "The file has no rows."),
        ("epoch,id,label,pred\none,a,x,x", "The file, row 1: the epoch is 'one', where a whole number is expected."),
        ("epoch,id,label,pred\n1.5,a,x,x", "The file, row 1: the epoch is '1.5', where a whole number is expected."),
        (
            "epoch,id,label,pred\n1,a,x,x\n1,a,y,x",
            "The file, row 2: id 'a' stands twice at epoch 1, and no other column names the pictures.",
        ),
        ("epoch,id,label,pred\n1,,x,x", "The file, row 1: the cell of id is empty, and no column names all pictures."),
        ("epoch,id,label,pred\n1,a,,x\n1,b,x,x", "The file: the picture 'a' has no label at epoch 1."),
        (
            "epoch,id,label,pred\n1,a,x,x\n2,a,y,x",
            "The file: the picture 'a' is labelled 'x' at epoch 1 and 'y' at epoch 2. Are the rows of all epochs about "
            "the same pictures?",
        ),
        (
            "epoch,id,label,pred\n1,a,x,x\n2,b,x,x",
            "The file has no epoch at which each of its 2 pictures is predicted.",
        ),
        (b"PAR1 and no more", "The file is damaged, and cannot be read as Parquet."),
        (b"\xff\x00\x01", "The file is no table: it is neither text in UTF-8 nor Parquet."),
        ('{"epoch": 1}\nno more', f"The file, line 2, is no JSON object. {EXPECTED}"),
        ('{"columns": ["a"], "data": [[1, 2]]}', "The file is damaged: not all of its rows have 1 cells."),
    ],
)
def test_what_cannot_be_is_refused_with_its_place(content, said):
    assert refused(content) == said


def test_a_table_is_bounded(monkeypatch):
    assert "has 1,001 columns; at most 1,000 are read" in refused(",".join(map(str, range(1001))))
    monkeypatch.setattr(opening, "MAX_ROWS", 5)
    monkeypatch.setattr(limits, "MAX_ROWS", 5)
    for end in ("\n", "\r\n", "\r"):
        assert refused("epoch,id,label,pred" + end + f"1,a,x,x{end}" * 9) == "The file has 9 rows; at most 5 are read."
    assert refused(parquet(frame())) == "The file has 12 rows; at most 5 are read."
    monkeypatch.setattr(tables, "MAX_UNPACKED", 10)
    assert "at most 0 are read" in refused(parquet(frame(1)))


def test_too_many_classes_and_epochs_are_refused_before_anything_is_made_of_them():
    classes = "\n".join(f"1,{i},{i},{i}" for i in range(25_001))
    assert refused(f"epoch,id,label,pred\n{classes}") == "The file has 25,001 classes; at most 25,000 are read."
    epochs = "\n".join(f"{i},a,x,x" for i in range(10_001))
    assert refused(f"epoch,id,label,pred\n{epochs}") == "The file has 10,001 epochs; at most 10,000 are read."


def test_a_row_with_too_few_cells_is_named():
    assert refused("epoch,id,label,pred\n1,a,x,x\n1,b,x") == (
        "The file is damaged, and cannot be read as a table: CSV parse error: Row #3: Expected 4 columns, got 3: 1,b,x"
    )


def test_a_sparse_table_takes_no_more_than_its_rows():
    """A row for each of 10,000 epochs, each of another picture, would be a grid of a hundred million cells."""
    rows = "\n".join(f"{e},{e},x,x" for e in range(9_000))
    assert "no epoch at which each of its 9,000 pictures" in refused(f"epoch,id,label,pred\n{rows}")


def wandb_run(folder, keys=("val/predictions",), epochs=(30, 60, 90)):
    """A run's folder as the package keeps it, with a table a step."""
    for key in keys:
        tables = folder / "files" / "media" / "table"
        for step in epochs:
            path = tables / f"{key}_{step}_{step:020x}.table.json"
            path.parent.mkdir(parents=True, exist_ok=True)
            rows = [[7, {"path": "media/images/7.png"}, "cat", "cat" if step > 30 else "dog"], [8, {}, "dog", "dog"]]
            path.write_text(json.dumps({"columns": ["id", "image", "label", "prediction"], "data": rows}))
    return folder


def test_a_run_of_weights_and_biases_is_read_from_its_folder_or_one_of_its_tables(tmp_path):
    folder = wandb_run(tmp_path / "offline-run-1")
    for place in (folder, folder / "files", next(folder.rglob("*_60_*.table.json"))):
        run = TrainingRun.open(place)
        assert (run.name, run.epochs.tolist()) == ("predictions" if place.is_file() else place.name, [1, 2, 3])
        assert run.predictions.tolist() == [[1, 1], [0, 1], [0, 1]]
        assert run.folder == place
        assert run.problems == (
            "The tables do not say the epoch: they are numbered from 1, in the order of their steps.",
        )
    assert holds_predictions(folder)
    before = files_read(folder)
    assert sorted(before) == sorted(folder.rglob("*.table.json")) == sorted(set(files_read(next(iter(before)))))


def test_two_tables_of_predictions_are_not_mixed(tmp_path):
    folder = wandb_run(tmp_path / "run", ("train/predictions", "val/predictions"))
    with pytest.raises(RecordError) as caught:
        TrainingRun.open(folder)
    assert str(caught.value) == (
        "run holds 2 tables of predictions (predictions, predictions), so which one is meant is not known. Open a file "
        "of that table in files/media/table instead."
    )
    assert TrainingRun.open(next(folder.rglob("val/*_30_*"))).epochs.tolist() == [1, 2, 3]


def test_tables_of_something_else_are_no_record(tmp_path):
    path = tmp_path / "run" / "files" / "media" / "table" / "losses_0_0123456789.table.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"columns": ["step", "loss"], "data": [[1, 0.5]]}))
    with pytest.raises(RecordError) as caught:
        TrainingRun.open(tmp_path / "run")
    assert str(caught.value) == f"run holds no table of predictions. {EXPECTED}"


def test_curves_alone_are_no_record(tmp_path):
    (tmp_path / "events.out.tfevents.1.host").write_bytes(b"")
    with pytest.raises(RecordError, match="holds curves of TensorBoard, and not what was predicted of each picture"):
        TrainingRun.open(tmp_path)


def test_pictures_beside_a_table_are_found(tmp_path):
    (tmp_path / "cat").mkdir()
    (tmp_path / "cat" / "1.png").write_bytes(b"")
    path = tmp_path / "log.csv"
    path.write_text("epoch,file,label,pred\n1,cat/1.png,cat,cat\n1,cat/2.png,cat,cat\n")
    run = TrainingRun.open(path)
    assert (run.source.files, run.files) == (str(tmp_path), ("cat/1.png", "cat/2.png"))
    path.write_text("epoch,file,label,pred\n1,/etc/hostname,cat,cat\n")
    assert TrainingRun.open(path).files == ()


@pytest.mark.parametrize("name", ["gone.csv", "a\0b.csv", "~nobody-of-that-name/x.csv"])
def test_a_path_that_cannot_be_is_refused(name, tmp_path):
    with pytest.raises(RecordError):
        TrainingRun.open(tmp_path / name if "~" not in name else name)
    assert not holds_predictions(tmp_path / name)


def test_a_file_that_is_too_large_is_not_read(tmp_path, monkeypatch):
    (tmp_path / "log.csv").write_text(CSV)
    monkeypatch.setattr(opening, "MAX_BYTES", 10)
    with pytest.raises(RecordError, match="so large a record is not read"):
        TrainingRun.open(tmp_path / "log.csv")
