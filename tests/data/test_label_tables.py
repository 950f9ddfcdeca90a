"""Tables of labels beside pictures: what they may look like, and what is said where they cannot be understood."""

import pytest
from PIL import Image

import xai_core as xai
from tests.support.labels import LABELS, PICTURES, squares, write_squares
from xai_core.data.label_table import is_label_table, read_label_table


def write(root, *names):
    for value, name in enumerate(names):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (3, 2), (value,) * 3).save(path)
    return root


def listed(dataset):
    return [(item.name, item.label, item.labels) for item in dataset.items]


def table(root, text, name="labels.csv"):
    (root / name).write_text(text, encoding="utf-8")
    return root


def test_a_column_a_label(tmp_path):
    dataset = xai.load_dataset(write_squares(tmp_path, PICTURES, LABELS))
    assert {item.name: item.labels for item in dataset.items} == {
        "a.png": ("red",),
        "b.png": ("green",),
        "c.png": ("red", "green"),
        "d.png": (),
        "e.png": ("red", "blue"),
        "f.png": ("blue",),
        "g.png": ("red", "green"),
    }
    assert dataset.labels == ("red", "green", "blue")
    assert dataset.several_labels
    sample = dataset[2]
    assert (sample.label, sample.labels, sample.annotated) == ("red", ("red", "green"), ("red", "green", "blue"))
    assert dataset[3].label is None
    assert dataset[3].labels == ()
    assert (dataset[0].pixels == squares("red")).all()
    assert [item.name for item in dataset.choose("green").items] == ["b.png", "c.png", "g.png"]
    assert xai.load_dataset(tmp_path, labels=["blue"]).code.endswith(".choose(labels=['blue'])")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("file,labels\n1.png,cat|dog\n2.png,dog\n3.png,\n", "any.csv"),
        ("Image Index,Finding Labels,Follow-up #,Age\n1.png,cat|dog,0,37\n2.png,dog,1,1\n3.png,,0,3\n", "x.csv"),
        ("image_name,tags\n1,cat;dog\n2,dog\n3,\n", "any.csv"),
        ('path,labels\nall/1.png,"cat, dog"\nall/2.png,dog\nall/3.png,\n', "any.csv"),
        ("file\tlabels\n1.png\tcat,dog\n2.png\tdog\n3.png\t\n", "any.tsv"),
        ("file;labels\n1.png;cat|dog\n2.png;dog\n3.png;\n", "any.csv"),
        ("file,labels\n1.png,cat\n1.png,dog\n2.png,dog\n3.png,\n", "any.csv"),
        ("image_id,cat,dog\n1.png,1,1\n2.png,-1,1\n3.png,-1,-1\n", "any.csv"),
        ("file,cat,dog\n1.png,True,True\n2.png,False,True\n3.png,False,False\n", "any.csv"),
        ("\ufeffid,cat,dog,split\n1,1.0,1.0,5\n2,0.0,1.0,6\n3,0.0,0.0,6\n", "any.csv"),
        ("age,file,cat,dog\n40,other/place/all/1.png,1,1\n1,2.png,0,1\n70,3.png,0,0\n", "any.csv"),
    ],
)
def test_forms_of_a_table(tmp_path, text, name):
    root = table(write(tmp_path, "all/1.png", "all/2.png", "all/3.png"), text, name)
    dataset = xai.load_dataset(root)
    assert listed(dataset) == [
        ("all/1.png", "cat", ("cat", "dog")),
        ("all/2.png", "dog", ("dog",)),
        ("all/3.png", None, ()),
    ]
    assert dataset[0].annotated == ("cat", "dog")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "file,cat,dog\n1.png,1,0\n2.png,0,maybe\n3.png,0,1\n",
            "labels.csv, line 3, column 'dog', holds 'maybe'. Expected 1 where the picture has the label and 0 (or -1)",
        ),
        ("file,cat,dog\n1.png,1,0\n2.png,0,\n", "line 3, column 'dog', holds ''."),
        ("file,cat,dog\n1.png,1,0\n2.png,0\n", "line 3, has 2 cells, but the header has 3."),
        (
            "file,cat,dog\n1.png,1,0\n2.png,0,-1\n",
            "holds -1 (line 3, column 'dog') and 0 (line 2, column 'dog'), so it cannot be told whether -1 means no",
        ),
        ("file,cat,cat\n1.png,1,0\n", "has two columns 'cat': a label needs one."),
        ("file,cat\n1.png,1\n2.png,0\n1.png,0\n", "has '1.png' in line 2 and again in line 4."),
        ("file,labels\n1.png,cat|dog\n2.png,dog;cat\n", "line 2 has | between names and line 3 has ;,"),
        (
            "file,labels\n1.png,cat dog\n2.png,dog\n3.png,cat\n",
            "line 2, column 'labels', holds 'cat dog': it cannot be told whether that is one label or several.",
        ),
        ("file,cat\nnowhere.png,1\n", "lists no picture that is there"),
        ("file,cat\nx/1.png,1\n1.png,1\n", "line 2 and line 3 are both about '1.png'."),
    ],
)
def test_a_table_that_cannot_be_understood_names_the_place(tmp_path, text, said):
    with pytest.raises(xai.DataError) as caught:
        xai.load_dataset(table(write(tmp_path, "1.png", "2.png", "3.png"), text))
    assert said in str(caught.value)


def test_a_name_that_two_pictures_have_is_refused(tmp_path):
    root = table(write(tmp_path, "a/1.png", "b/1.png"), "file,cat\n1.png,1\n")
    with pytest.raises(xai.DataError, match=r"line 2: '1.png' may be a/1.png or b/1.png"):
        xai.load_dataset(root)
    dataset = xai.load_dataset(table(root, "file,cat\nb/1.png,1\nsome/a/1.png,0\n"))
    assert listed(dataset) == [("b/1.png", "cat", ("cat",)), ("a/1.png", None, ())]


def test_what_is_listed_or_there_alone_is_named(tmp_path):
    root = table(write(tmp_path, "1.png", "2.png"), "file,cat\n1.png,1\n9.png,0\n")
    assert [(one.name, one.reason) for one in xai.load_dataset(root).skipped] == [
        ("9.png", "Listed in labels.csv, line 3, but not there."),
        ("2.png", "labels.csv has no line for it."),
    ]


def test_a_table_for_each_split(tmp_path):
    write(tmp_path, "pictures/1.png", "pictures/2.png")
    table(tmp_path, "file,cat\n1.png,1\n", "train.csv")
    table(tmp_path, "file,cat\n2.png,0\n", "val.csv")
    assert xai.list_splits(tmp_path) == ("val", "train")
    assert listed(xai.load_dataset(tmp_path)) == [("pictures/2.png", None, ())]
    assert listed(xai.load_dataset(tmp_path, split="train")) == [("pictures/1.png", "cat", ("cat",))]


def test_a_split_folder_has_a_table_of_its_own(tmp_path):
    for split in ("train", "test"):
        table(write(tmp_path, f"{split}/1.png"), "file,cat\n1.png,1\n", f"{split}/labels.csv")
    assert xai.list_splits(tmp_path) == ("test", "train")
    assert xai.load_dataset(tmp_path).title == f"{tmp_path.name}/test"
    with pytest.raises(xai.DataError, match=r"has no split 'val'. It has: test, train"):
        xai.load_dataset(tmp_path, split="val")


def test_two_tables_are_refused(tmp_path):
    write(tmp_path, "1.png")
    for name in ("a.csv", "b.csv"):
        table(tmp_path, "file,cat\n1.png,1\n", name)
    with pytest.raises(xai.DataError, match=r"several tables of labels: a.csv, b.csv"):
        xai.load_dataset(tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        "path,noisy_labels_0,is_valid\ncat/1.png,n01,False\n",  # Imagenette's
        "file,label\ncat/1.png,cat\n",
        "name,score\nx,1\n",
        "file,width\ncat/1.png,640\n",
        "",
    ],
)
def test_other_tables_leave_class_folders_as_they_are(tmp_path, text):
    root = table(write(tmp_path, "cat/1.png", "dog/2.png"), text, "notes.csv")
    assert not is_label_table(root / "notes.csv")
    assert listed(xai.load_dataset(root)) == [("cat/1.png", "cat", None), ("dog/2.png", "dog", None)]


def test_what_is_no_text_is_refused(tmp_path):
    (tmp_path / "labels.csv").write_bytes(b"file,cat\n\xff\xfe,1\n")
    assert not is_label_table(tmp_path / "labels.csv")
    with pytest.raises(xai.DataError, match="no text in UTF-8"):
        read_label_table(tmp_path / "labels.csv")


def test_the_same_picture_in_several_class_folders(tmp_path):
    write(tmp_path, "cat/1.png", "cat/2.png", "dog/3.png")
    (tmp_path / "dog" / "1.png").write_bytes((tmp_path / "cat" / "1.png").read_bytes())
    Image.new("RGB", (3, 2), (9,) * 3).save(tmp_path / "dog" / "2.png")  # only its name is the same
    apart = xai.load_dataset(tmp_path)
    assert [item.labels for item in apart.items] == [None] * 5
    together = xai.load_dataset(tmp_path, same="together")
    assert listed(together) == [
        ("cat/1.png", "cat", ("cat", "dog")),
        ("cat/2.png", "cat", ("cat",)),
        ("dog/2.png", "dog", ("dog",)),
        ("dog/3.png", "dog", ("dog",)),
    ]
    assert together[0].labels == ("cat", "dog")
    assert together[0].annotated == ("cat", "dog")
    assert together[0].id == apart[0].id
    assert together.code == f"xai.load_dataset({str(tmp_path)!r}, same='together')"


def test_results_are_kept_by_all_labels(tmp_path):
    from xai_core.batch.opening import data_stamp

    root = write_squares(tmp_path, PICTURES)
    before = data_stamp(xai.load_dataset(root))
    write_squares(root, PICTURES, {"c.png": ("red", "blue")})  # its first label is the same
    assert data_stamp(xai.load_dataset(root)) != before
