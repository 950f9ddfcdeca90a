"""COCO's JSON, LabelMe's, and YOLO's labels: entries, masks and boxes worked out by hand, and what is broken."""

import base64
import io
import json
from pathlib import Path
from time import process_time

import numpy as np
import pytest
from PIL import Image

import xai_core as xai
from xai_core.data import list_options, list_splits

WIDTH, HEIGHT = 20, 10


def picture(path, width=WIDTH, height=HEIGHT, value=1, **saved):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (width, height), (value,) * 3).save(path, **saved)


def listed(dataset):
    return [(item.name, item.label) for item in dataset.items]


def drawn(left, top, right, bottom, height=HEIGHT, width=WIDTH):
    mask = np.zeros((height, width), np.uint8)
    mask[top:bottom, left:right] = 1
    return mask


SQUARE = [2, 1, 6, 1, 6, 5, 2, 5]  # 4 x 4 pixels


def coco(**changes):
    content = {
        "images": [
            {"id": 1, "file_name": "1.png", "width": WIDTH, "height": HEIGHT},
            {"id": 2, "file_name": "2.png", "width": WIDTH, "height": HEIGHT},
            {"id": 3, "file_name": "3.png", "width": WIDTH, "height": HEIGHT},
        ],
        "categories": [{"id": 7, "name": "cat"}, {"id": 9, "name": "dog"}],
        "annotations": [
            {"id": 1, "image_id": 1, "category_id": 7, "segmentation": [SQUARE], "bbox": [2, 1, 4, 4], "iscrowd": 0},
            {"id": 2, "image_id": 1, "category_id": 7, "segmentation": [[10, 0, 12, 0, 12, 10, 10, 10]], "bbox": []},
            {"id": 3, "image_id": 1, "category_id": 9, "segmentation": [], "bbox": [4, 3, 10, 2]},
            {"id": 4, "image_id": 2, "category_id": 9, "segmentation": {"size": [10, 20], "counts": [5, 10, 185]}},
            {
                "id": 5,
                "image_id": 2,
                "category_id": 9,
                "iscrowd": 1,
                "segmentation": {"size": [10, 20], "counts": [10, 20, 170]},
            },
        ],
    }
    return content | changes


def export(root, content=None, name="instances.json", folder="images"):
    for number in (1, 2, 3):
        picture(root / folder / f"{number}.png", value=number)
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(coco() if content is None else content))
    return path


def test_an_entry_for_each_picture_and_category(tmp_path):
    path = export(tmp_path)
    dataset = xai.load_dataset(path)
    assert listed(dataset) == [("images/1.png cat", "cat"), ("images/1.png dog", "dog"), ("images/2.png dog", "dog")]
    cat, box, crowd = dataset
    assert (cat.mask == np.maximum(drawn(2, 1, 6, 5), drawn(10, 0, 12, 10))).all()
    assert (cat.mask.sum(), cat.by_box, cat.notes) == (36, False, ())
    assert (box.mask == drawn(4, 3, 14, 5)).all()
    assert (box.by_box, box.notes) == (True, ("its mask by box",))
    expected = np.zeros((HEIGHT, WIDTH), np.uint8)
    expected[:, 1:3] = 255  # the crowd's runs 10 to 30, by columns
    expected[5:, 0] = expected[:5, 1] = 1  # the object's runs 5 to 15
    assert (crowd.mask == expected).all()
    assert [item.group for item in dataset.items] == ["images/1.png", "images/1.png", "images/2.png"]
    assert [(one.name, one.reason) for one in dataset.skipped] == [
        ("images/3.png", "It has no annotation in instances.json.")
    ]
    assert dataset.notes == (
        "Masks by box: 1 of 5 objects has a box in place of an outline, so what lies in it counts as object.",
    )
    assert dataset.code == f"xai.load_dataset({str(path)!r})"


def test_other_categories_are_ignored_when_asked(tmp_path):
    path = export(tmp_path)
    assert [option.key for option in list_options(path)][:1] == ["others"]
    cat, dog, _ = xai.load_dataset(path, others="ignore")
    assert (cat.mask[3:5, 12:14] == 255).all()
    assert (cat.mask[3:5, 4:6] == 1).all()
    assert (dog.mask == 1).sum() == 20
    assert (dog.mask == 255).sum() == 36 - 2 * 2 - 2 * 2


def test_splits_and_folders_as_tools_export_them(tmp_path):
    export(tmp_path / "a", name="annotations/instances_val2017.json", folder="val2017")
    export(tmp_path / "a", name="annotations/instances_train2017.json", folder="train2017")
    (tmp_path / "a" / "annotations" / "captions_val2017.json").write_text('{"images": [], "annotations": []}')
    keypoints = json.dumps(coco())
    (tmp_path / "a" / "annotations" / "person_keypoints_val2017.json").write_text(keypoints)
    assert list_splits(tmp_path / "a") == ("val", "train")
    with pytest.raises(xai.DataError, match=r"'1.png' may be train2017/1.png or val2017/1.png"):
        xai.load_dataset(tmp_path / "a")
    for split in ("train", "valid"):  # Roboflow's
        export(tmp_path / "b", name=f"{split}/_annotations.coco.json", folder=split)
    assert list_splits(tmp_path / "b") == ("valid", "train")
    assert listed(xai.load_dataset(tmp_path / "b"))[0] == ("1.png cat", "cat")
    export(tmp_path / "c", name="annotations/instances_default.json")  # CVAT's
    assert len(xai.load_dataset(tmp_path / "c")) == 3
    export(tmp_path / "c", name="annotations/instances_other.json")
    with pytest.raises(xai.DataError, match=r"several annotation files: instances_default.json, instances_other.json"):
        xai.load_dataset(tmp_path / "c")
    with pytest.raises(xai.DataError, match=r"has no split 'test'. It has: valid, train"):
        xai.load_dataset(tmp_path / "b", split="test")


def test_pictures_of_two_splits_with_the_same_names_are_told_apart_by_their_folders(tmp_path):
    content = coco()
    for image in content["images"]:
        image["file_name"] = f"val2017/{image['file_name']}"
    export(tmp_path, content, "annotations/instances_val2017.json", "val2017")
    export(tmp_path, content, "annotations/instances_train2017.json", "train2017")
    assert listed(xai.load_dataset(tmp_path))[0] == ("val2017/1.png cat", "cat")


def test_pictures_of_another_size(tmp_path):
    """Made smaller after they were annotated: outlines are scaled with them. Another shape is no mask."""
    path = export(tmp_path)
    picture(tmp_path / "images" / "1.png", 40, 20)
    picture(tmp_path / "images" / "2.png", 20, 20)
    cat, _, dog = xai.load_dataset(path)
    assert (cat.mask == np.maximum(drawn(4, 2, 12, 10, 20, 40), drawn(20, 0, 24, 20, 20, 40))).all()
    assert cat.notes == ("its mask resized from 20 x 10 pixels",)
    assert dog.mask is None
    assert dog.notes == ("no mask: it was drawn for 20 x 10 pixels, another shape than the picture's 20 x 20",)


def test_annotations_of_the_stored_pixels_are_turned_with_the_picture(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # a quarter turn clockwise
    content = coco()
    content["images"][0]["file_name"] = "1.jpg"
    path = export(tmp_path, content)
    picture(tmp_path / "images" / "1.jpg", exif=exif)
    (tmp_path / "images" / "1.png").unlink()
    cat = xai.load_dataset(path)[0]
    assert cat.pixels.shape == (20, 10, 3)
    expected = np.rot90(np.maximum(drawn(2, 1, 6, 5), drawn(10, 0, 12, 10)), -1)
    assert (cat.mask == expected).all()
    assert "its mask turned upright as well" in cat.notes


def changed(part, number, **fields):
    content = coco()
    content[part][number] = {key: value for key, value in (content[part][number] | fields).items() if value != "gone"}
    return content


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (coco(images={}), "instances.json: 'images' is an object, where a list was expected."),
        (changed("images", 1, file_name="gone"), "images[1] has no 'file_name': expected a text of that name"),
        (changed("images", 1, id=1), "images[1]: the id 1 is that of another picture, too."),
        (changed("images", 1, file_name=coco()["images"][0]["file_name"]), "is that of images[0], too."),
        (changed("annotations", 2, category_id=8), "annotations[2]: category_id 8 is none of the categories: 7, 9."),
        (changed("annotations", 2, image_id=8), "annotations[2]: image_id 8 is none of the pictures."),
        (changed("annotations", 2, image_id=None), "'image_id' is null, where a whole number or a text was expected."),
        (changed("categories", 0, name=5), "categories[0]: 'name' is a whole number, where a text was expected."),
        (coco(annotations=[]), "lists no picture that is there with an annotation"),
        (coco(images=[1], annotations=[]), "images[0] is a whole number: expected"),
    ],
)
def test_broken_files_name_the_place(tmp_path, content, said):
    with pytest.raises(xai.DataError) as caught:
        xai.load_dataset(export(tmp_path, content))
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"segmentation": [[1, 2, 3, 4, 5]]}, "annotations[0] has an outline of 5 numbers, where pairs"),
        ({"segmentation": [[1, 2, 3, 4]]}, "annotations[0] has an outline of 2 points; three are the least"),
        ({"segmentation": [[1, 2, "x", 4, 5, 6]]}, "annotations[0] holds \"[1, 2, 'x', 4, 5, 6]\" where an outline"),
        ({"segmentation": [[1, 2, float("nan"), 4, 5, 6]]}, "annotations[0] holds"),
        ({"segmentation": [[1, 2, 1e300, 4, 5, 6]]}, "annotations[0] holds"),
        ({"segmentation": {"size": [10, 20], "counts": [1]}}, "has run lengths of 1 pixels in all"),
        (
            {"segmentation": {"size": [20, 10], "counts": [200]}},
            "has run lengths of 10 x 20 pixels, but its picture 20",
        ),
        ({"segmentation": "x"}, "has the segmentation 'x', where outlines were expected"),
        ({"segmentation": [], "bbox": [1, 2, 3]}, "has a box of 3 numbers"),
        ({"segmentation": [], "bbox": [90, 90, 3, 3]}, "which holds nothing"),
    ],
)
def test_a_broken_annotation_leaves_the_picture_without_a_mask(tmp_path, fields, said):
    sample = xai.load_dataset(export(tmp_path, changed("annotations", 0, **fields)))[0]
    assert sample.mask is None
    assert said in sample.notes[0]


DEEP = '{"categories": 1, "images": ' + "[" * 200_000


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (json.dumps(coco())[:-9], "instances.json, line 1, is no whole JSON: "),
        (DEEP, "is nested too deeply to hold annotations"),
        ('{"images": [], "categories": 1' + "0" * 5000 + "}", "holds a number that is none"),
        ('{"pictures": []}', "instances.json is none of these: COCO's JSON, LabelMe's JSON."),
    ],
)
def test_what_is_no_json_is_said(tmp_path, text, said):
    path = export(tmp_path)
    path.write_text(text)
    with pytest.raises(xai.DataError) as caught:
        xai.load_dataset(path)
    assert said in str(caught.value)


def test_ten_thousand_pictures_are_listed_in_a_few_seconds(tmp_path):
    (tmp_path / "images").mkdir()
    images, annotations = [], []
    for number in range(10_000):
        (tmp_path / "images" / f"{number:06d}.jpg").touch()
        images.append({"id": number, "file_name": f"{number:06d}.jpg", "width": 640, "height": 480})
        for category in range(3):
            outline = [float(value) for value in range(60)]
            fields = {"image_id": number, "category_id": category, "segmentation": [outline], "bbox": [0, 0, 9, 9]}
            annotations.append(fields)
    categories = [{"id": number, "name": f"class {number}"} for number in range(3)]
    content = {"images": images, "annotations": annotations, "categories": categories}
    (tmp_path / "instances.json").write_text(json.dumps(content))
    start = process_time()
    dataset = xai.load_dataset(tmp_path)
    assert len(dataset) == 30_000
    assert process_time() - start < 8


def labelme(root, shapes, name="1", image=None, **fields):
    picture(root / f"{name}.png")
    content = {"version": "5.5.0", "flags": {}, "shapes": shapes, "imagePath": image or f"{name}.png"}
    content |= {"imageData": None, "imageHeight": HEIGHT, "imageWidth": WIDTH} | fields
    (root / f"{name}.json").write_text(json.dumps(content))


def shape(label, kind, *points, **fields):
    return {"label": label, "points": [list(point) for point in points], "shape_type": kind} | fields


def small_mask():
    buffer = io.BytesIO()
    Image.fromarray(np.array([[255, 0, 255], [255, 255, 0]], np.uint8)).save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode()


def test_labelmes_shapes(tmp_path):
    shapes = [
        shape("cat", "polygon", (2, 1), (6, 1), (6, 5), (2, 5)),
        shape("dog", "rectangle", (14, 5), (4, 3)),
        shape("bee", "circle", (10, 5), (13, 5)),
        shape("ant", "mask", (3, 2), (5, 3), mask=small_mask()),
        shape("way", "linestrip", (0, 0), (9, 9)),
    ]
    labelme(tmp_path, shapes)
    dataset = xai.load_dataset(tmp_path)
    cat, dog, bee, ant, way = dataset
    assert dataset.labels == ("cat", "dog", "bee", "ant", "way")
    assert (cat.mask == drawn(2, 1, 6, 5)).all()
    assert (dog.mask == drawn(4, 3, 14, 5)).all()
    assert (cat.by_box, dog.by_box) == (False, True)
    y, x = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    assert (bee.mask == (np.hypot(x - 10, y - 5) < 3)).all()
    assert ant.mask[2:4, 3:6].tolist() == [[1, 0, 1], [1, 1, 0]]
    assert ant.mask.sum() == 4
    assert (way.mask, way.notes) == (None, ())
    assert dataset.notes[0].startswith("Masks by box: 1 of 4 objects has a box")


def test_labelmes_pictures_are_found(tmp_path):
    one = [shape("cat", "polygon", (2, 1), (6, 1), (6, 5), (2, 5))]
    labelme(tmp_path, one, "1", image="..\\elsewhere\\1.png")
    labelme(tmp_path, one, "2", image="other.png")  # its own name serves
    labelme(tmp_path, one, "3")
    (tmp_path / "3.png").unlink()
    labelme(tmp_path, [], "4")
    dataset = xai.load_dataset(tmp_path)
    assert listed(dataset) == [("1.png cat", "cat"), ("2.png cat", "cat")]
    assert [(p.name, p.reason) for p in dataset.skipped] == [
        ("3.json", "Its picture, '3.png', is not there."),
        ("4.png", "4.json has no shape."),
    ]
    assert listed(xai.load_dataset(tmp_path / "2.json")) == [("2.png cat", "cat")]
    assert [item.group for item in dataset.items] == [None, None]


def test_labelmes_splits(tmp_path):
    for split in ("train", "val"):
        (tmp_path / split).mkdir()
        labelme(tmp_path / split, [shape("cat", "rectangle", (0, 0), (5, 5))])
    assert list_splits(tmp_path) == ("val", "train")
    assert listed(xai.load_dataset(tmp_path, split="train")) == [("1.png cat", "cat")]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (shape("cat", "polygon", (1, 2)), "1.json, shapes[0], has an outline of 1 points"),
        (shape("cat", "polygon", (1, 2), (3,), (4, 5)), "has a point that is not [x, y]"),
        (shape("cat", "rectangle", (1, 2)), "has 1 corners"),
        (shape("cat", "circle", (1, 2)), "has 1 points, where the middle"),
        (shape("cat", "mask", (1, 2), (3, 4), mask="!"), "has a mask that is no base64"),
        (shape("cat", "mask", (1, 2), (3, 4), mask="YWJj"), "its mask is not a picture"),
        (shape("cat", "polygon") | {"points": None}, "has the points 'None'"),
    ],
)
def test_a_broken_shape_leaves_the_picture_without_a_mask(tmp_path, wrong, said):
    labelme(tmp_path, [wrong])
    sample = xai.load_dataset(tmp_path)[0]
    assert sample.mask is None
    assert said in sample.notes[0]


def yolo(root, lines, description=None, picture_folder="images/train"):
    picture(root / picture_folder / "1.png")
    labels = root / picture_folder.replace("images", "labels") / "1.txt"
    labels.parent.mkdir(parents=True, exist_ok=True)
    labels.write_text("\n".join(lines))
    text = "path: ../datasets/gone\ntrain: images/train\nval: images/val\nnames:\n  0: cat\n  1: dog\n"
    (root / "data.yaml").write_text(text if description is None else description)
    return root / "data.yaml"


def test_yolos_outlines_and_boxes(tmp_path):
    path = yolo(tmp_path, ["0 0.1 0.1 0.3 0.1 0.3 0.5 0.1 0.5", "1 0.45 0.4 0.5 0.2", "", "1 0.9 0.9 0.1 0.2 0.87"])
    assert list_splits(path) == ("val", "train")
    cat, dog = dataset = xai.load_dataset(path, split="train")
    assert listed(dataset) == [("images/train/1.png cat", "cat"), ("images/train/1.png dog", "dog")]
    assert (cat.mask == drawn(2, 1, 6, 5)).all()
    assert (dog.mask == np.maximum(drawn(4, 3, 14, 5), drawn(17, 8, 19, 10))).all()
    assert (cat.by_box, dog.by_box, dog.notes) == (False, True, ("its mask by box",))
    assert dataset.notes[0].startswith("Masks by box: 2 of 3 objects")
    with pytest.raises(xai.DataError, match=r"images/val has no picture with an annotation"):
        xai.load_dataset(tmp_path)


@pytest.mark.parametrize(
    ("description", "folder"),
    [
        ("train: ../train/images\nval: ../valid/images\nnc: 2\nnames: ['cat', 'dog']\n", "train/images"),  # Roboflow
        ("path: .\ntrain: [images/train]\nnames: {0: cat, 1: dog}\n", "images/train"),
        ("train: train.txt\nnames: [cat, dog]\n", "images/a"),
    ],
)
def test_yolos_descriptions(tmp_path, description, folder):
    path = yolo(tmp_path / "set", ["1 0.5 0.5 1 1"], description, folder)
    (tmp_path / "set" / "train.txt").write_text("./images/a/1.png\n./images/a/gone.png\n")
    dataset = xai.load_dataset(tmp_path / "set", split="train")
    assert listed(dataset) == [(f"{folder}/1.png dog", "dog")]
    assert (dataset[0].mask == 1).all()
    assert len(xai.load_dataset(path, split="train")) == 1


def test_yolos_key_points_are_boxes(tmp_path):
    text = "train: images/train\nkpt_shape: [2, 2]\nnames: [cat]\n"
    path = yolo(tmp_path, ["0 0.45 0.4 0.5 0.2 0.1 0.1 0.2 0.2"], text)
    sample = xai.load_dataset(path)[0]
    assert (sample.mask == drawn(4, 3, 14, 5)).all()
    assert sample.by_box


@pytest.mark.parametrize(
    ("lines", "description", "said"),
    [
        (["0 0.5 0.5 1 1", "2 0.5 0.5 1 1"], None, "1.txt, line 2, begins with '2', where the number of a class"),
        (["cat 0.5 0.5 1 1"], None, "1.txt, line 1, begins with 'cat'"),
        ([], "names: [a\ntrain: x\n", "data.yaml, line "),
        ([], "names: 5\ntrain: images/train\n", "'names' is no list of the classes' names, which was expected"),
        ([], "- names:\nnames: 1\ntrain: 1\n", "is no YAML that can be read"),
        ([], "names: !!python/object/apply:os.system [true]\ntrain: x\n", "is no YAML that can be read"),
    ],
)
def test_yolos_broken_files_name_the_line(tmp_path, lines, description, said):
    with pytest.raises(xai.DataError) as caught:
        xai.load_dataset(yolo(tmp_path, lines, description), split="train")
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("0 0.5 0.5", "1.txt, line 1, holds 2 numbers, where four of a box"),
        ("0 0.5 0.5 x 1", "holds '0.5 0.5 x 1', where numbers were expected"),
        ("0 100 100 50 50", "no shares of the picture's sides"),
        ("0 nan 0 1 1", "no shares of the picture's sides"),
    ],
)
def test_yolos_broken_lines_leave_the_picture_without_a_mask(tmp_path, line, said):
    sample = xai.load_dataset(yolo(tmp_path, [line]), split="train")[0]
    assert sample.mask is None
    assert said in sample.notes[0]


def test_nothing_outside_the_roots_is_read(tmp_path, monkeypatch):
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    picture(outside / "images" / "1.png")
    picture(outside / "images" / "2.png")
    (outside / "labels").mkdir()
    (outside / "labels" / "1.txt").write_text("0 0.5 0.5 1 1")
    inside.mkdir()
    path = inside / "data.yaml"
    path.write_text(f"train: {outside / 'images'}\nnames: [cat]\n")
    content = coco()
    content["images"][0]["file_name"] = str(outside / "images" / "1.png")
    content["images"][1]["file_name"] = "../outside/images/2.png"
    (inside / "coco.json").write_text(json.dumps(content))
    assert len(xai.load_dataset(path)) == 1
    assert len(xai.load_dataset(inside / "coco.json")) == 3
    monkeypatch.setenv("XAI_DATA_ROOTS", str(inside))
    for file in ("data.yaml", "coco.json"):
        with pytest.raises(xai.DataError, match="no picture"):
            xai.load_dataset(inside / file)


def test_a_folder_that_yolo_names_twice_counts_once(tmp_path):
    picture(tmp_path / "images" / "1.png")
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels" / "1.txt").write_text("0 0.5 0.5 1 1")
    for twice in ("[images, images]", "[images, ./images/../images]"):
        (tmp_path / "data.yaml").write_text(f"train: {twice}\nnames: [cat]\n")
        assert len(xai.load_dataset(tmp_path / "data.yaml")) == 1


def test_what_may_not_be_looked_into_is_passed_over(tmp_path, monkeypatch):
    """A folder of another user beside the pictures, and a link to one: `is_dir` itself may raise."""
    path = yolo(tmp_path, ["0 0.5 0.5 1 1"], "train: images\nnames: [cat]\n")
    for name in ("locked", "sealed"):
        (tmp_path / "images" / name).mkdir()
    is_dir, iterdir = Path.is_dir, Path.iterdir

    def refused(whole):
        def checked(self):
            if self.name in whole:
                raise PermissionError(13, "Permission denied", str(self))
            return is_dir(self) if whole == ("locked",) else iterdir(self)

        return checked

    monkeypatch.setattr(Path, "is_dir", refused(("locked",)))
    monkeypatch.setattr(Path, "iterdir", refused(("sealed",)))
    assert listed(xai.load_dataset(path)) == [("images/train/1.png cat", "cat")]


@pytest.mark.parametrize("place", ["/", "/..", "/proc", "/dev/fd"])
def test_the_whole_disk_and_the_systems_folders_are_no_data_set(tmp_path, place):
    path = yolo(tmp_path, ["0 0.5 0.5 1 1"], f"train: {place}\nnames: [cat]\n")
    with pytest.raises(xai.DataError, match=f"{place} has no picture with an annotation"):
        xai.load_dataset(path)
