"""Roots of data sets that people know, small, with their lists as the originals have them."""

import numpy as np
from scipy.io import savemat

from tests.support.layouts import OBJECT, Case, of

TOP, BOTTOM = OBJECT[0].start, OBJECT[0].stop - 1
LEFT, RIGHT = OBJECT[1].start, OBJECT[1].stop - 1
_SIDES = f"{LEFT} {TOP} {RIGHT} {BOTTOM}"
_BIRDS = ("001.Black_footed_Albatross/Black_Footed_Albatross_0046_18", "002.Laysan_Albatross/Laysan_Albatross_0001_545")
_CUB = (
    *of("images/{}.jpg", *_BIRDS),
    ("images.txt", "".join(f"{i} {bird}.jpg\n" for i, bird in enumerate((*_BIRDS, "002.Laysan_Albatross/gone"), 1))),
    ("image_class_labels.txt", "1 1\n2 2\n3 2\n"),
    ("classes.txt", "1 001.Black_footed_Albatross\n2 002.Laysan_Albatross\n"),
    (
        "bounding_boxes.txt",
        "".join(f"{i} {LEFT + 1}.0 {TOP + 1}.0 {RIGHT - LEFT + 1}.0 {BOTTOM - TOP + 1}.0\n" for i in (1, 2, 3)),
    ),
    ("attributes.txt", "1 has_bill_shape::curved\n"),
)
_DOGS = ("n02085620-Chihuahua/n02085620_10074", "n02085936-Maltese_dog/n02085936_37")
_XML = (
    f"<annotation><size><width>12</width></size><object><name>dog</name><bndbox><xmin>{LEFT}</xmin><ymin>{TOP}</ymin>"
    f"<xmax>{RIGHT}</xmax><ymax>{BOTTOM}</ymax></bndbox></object></annotation>"
)
_STANFORD = (*of("Images/{}.jpg", *_DOGS), *((f"Annotation/{dog}", _XML) for dog in _DOGS))


def _dogs_list(*names):
    cells = np.array([f"{name}.jpg" for name in names], dtype=object).reshape(-1, 1)
    return lambda path: savemat(path, {"file_list": cells})


def _meta(path):
    kind = [("ILSVRC2012_ID", object), ("WNID", object), ("words", object)]
    rows = [(1, "n02119789", "kit fox"), (2, "n02100735", "English setter"), (3, "n01440764", "tench, Tinca tinca")]
    savemat(path, {"synsets": np.array(rows, dtype=kind)})


_VAL = of("ILSVRC2012_val_0000000{}.JPEG", 1, 2, 3)
_ISIC = ("ISIC_0000000", "ISIC_0000001", "ISIC_0000002")
KNOWN = (
    Case(
        "CUB with segmentations beside its folder",
        (
            *((f"CUB_200_2011/{one[0]}", one[1]) if isinstance(one, tuple) else f"CUB_200_2011/{one}" for one in _CUB),
            *of("segmentations/{}.png m", *_BIRDS),
        ),
        {"Black footed Albatross": 1, "Laysan Albatross": 1},
        masks=2,
        skipped=("002.Laysan_Albatross/gone.jpg",),
    ),
    Case(
        "CUB's test split by box",
        (*_CUB, ("train_test_split.txt", "1 1\n2 0\n3 1\n")),
        {"Laysan Albatross": 1},
        masks=1,
        splits=("test", "train"),
        says=("Masks by box: there is no folder segmentations/ beside the pictures.",),
    ),
    Case("Stanford Dogs", _STANFORD, {"Chihuahua": 1, "Maltese dog": 1}, masks=2),
    Case(
        "Stanford Dogs with lists",
        (
            *_STANFORD,
            ("lists/train_list.mat", _dogs_list(_DOGS[0])),
            ("lists/test_list.mat", _dogs_list(*_DOGS[1:], "n02085936-Maltese_dog/gone")),
        ),
        {"Maltese dog": 1},
        masks=1,
        splits=("test", "train"),
        skipped=("n02085936-Maltese_dog/gone.jpg",),
    ),
    Case(
        "ImageNet's validation folder with Caffe's list",
        (
            *(f"val/{name}" for name in _VAL),
            ("val.txt", "".join(f"{name} {n}\n" for name, n in zip(_VAL, (0, 65, 970), strict=True))),
        ),
        {"tench": 1, "sea snake": 1, "alp": 1},
    ),
    Case(
        "ImageNet's validation folder as Kaggle has it",
        (
            *(f"ILSVRC/Data/CLS-LOC/val/{name}" for name in _VAL),
            (
                "LOC_val_solution.csv",
                "ImageId,PredictionString\n"
                + f"ILSVRC2012_val_00000001,n01440764 {_SIDES} \n"
                + f"ILSVRC2012_val_00000002,n01751748 {_SIDES} n01751748 {_SIDES} \n",
            ),
        ),
        {"tench": 1, "sea snake": 1},
        masks=2,
        skipped=(_VAL[2],),
    ),
    Case(
        "ImageNet's validation folder with the development kit",
        (
            *_VAL,
            ("ILSVRC2012_devkit_t12/data/ILSVRC2012_validation_ground_truth.txt", "3\n1\n2\n"),
            ("ILSVRC2012_devkit_t12/data/meta.mat", _meta),
        ),
        {"tench": 1, "kit fox": 1, "English setter": 1},
    ),
    Case("ImageNet's validation folder without a list", _VAL, {None: 3}),
    Case(
        "Oxford-IIIT Pet",
        (
            *of("images/{}.jpg", "Abyssinian_1", "american_bulldog_2", "pug_3"),
            ("annotations/test.txt", "Abyssinian_1 1 1 1\namerican_bulldog_2 2 2 1\n"),
            ("annotations/trainval.txt", "# header\npug_3 3 2 2\n"),
            *(
                (f"annotations/trimaps/{name}.png", lambda path: _trimap(path))
                for name in ("Abyssinian_1", "american_bulldog_2", "pug_3")
            ),
            ("annotations/trimaps/._pug_3.png", "rubbish"),
        ),
        {"Abyssinian": 1, "american bulldog": 1},
        masks=2,
        splits=("test", "train"),
    ),
    Case(
        "ISIC 2018, outlines",
        (
            *of("ISIC2018_Task1-2_Training_Input/{}.jpg", *_ISIC),
            *of("ISIC2018_Task1_Training_GroundTruth/{}_segmentation.png m", *_ISIC),
            ("ISIC2018_Task1-2_Training_Input/LICENSE.txt", "free"),
        ),
        {None: 3},
        masks=3,
        skipped=("LICENSE.txt",),
    ),
    Case(
        "ISIC 2017, data and table",
        (
            *of("ISIC-2017_Training_Data/{}.jpg", *_ISIC),
            *of("ISIC-2017_Training_Data/{}_superpixels.png", *_ISIC),
            *of("ISIC-2017_Training_Part1_GroundTruth/{}_segmentation.png m", *_ISIC[:2]),
            (
                "ISIC-2017_Training_Part3_GroundTruth.csv",
                "image_id,melanoma,seborrheic_keratosis\nISIC_0000000,0.0,1.0\nISIC_0000001,1.0,0.0\nISIC_0000002,0.0,0.0\n",
            ),
        ),
        {"seborrheic_keratosis": 1, "melanoma": 1, None: 1},
        masks=2,
        skipped=of("{}_superpixels.png", *_ISIC),
    ),
    Case(
        "HAM10000 with outlines",
        (
            "HAM10000_images_part_1/ISIC_0000000.jpg",
            *of("HAM10000_images_part_2/{}.jpg", *_ISIC[1:]),
            *of("HAM10000_segmentations_lesion_tschandl/{}_segmentation.png m", *_ISIC),
            (
                "HAM10000_metadata.csv",
                "lesion_id,image_id,dx,dx_type,age\nHAM_1,ISIC_0000000,nv,histo,80.0\nHAM_1,ISIC_0000001,nv,histo,80.0\n"
                "HAM_2,ISIC_0000002,mel,histo,45.0\n",
            ),
        ),
        {"nv": 2, "mel": 1},
        masks=3,
        groups={"HAM_1": 2, "HAM_2": 1},
    ),
    Case(
        "ISIC 2018, diagnosis",
        (
            *of("ISIC2018_Task3_Training_Input/{}.jpg", *_ISIC[:2]),
            *of("ISIC2018_Task3_Validation_Input/{}.jpg", *_ISIC[2:]),
            (
                "ISIC2018_Task3_Training_GroundTruth/ISIC2018_Task3_Training_GroundTruth.csv",
                "image,MEL,NV\nISIC_0000000,0.0,1.0\nISIC_0000001,1.0,0.0\n",
            ),
            (
                "ISIC2018_Task3_Validation_GroundTruth/ISIC2018_Task3_Validation_GroundTruth.csv",
                "image,MEL,NV\nISIC_0000002,1.0,0.0\n",
            ),
        ),
        {"NV": 1, "MEL": 1},
        split="training",
        splits=("validation", "training"),
    ),
)


def _trimap(path):
    from PIL import Image

    values = np.full((10, 12), 2, np.uint8)
    values[OBJECT] = 1
    Image.fromarray(values).save(path)
