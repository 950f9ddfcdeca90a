"""Trainings and their records are about one class a picture, and say so."""

import pytest
import torch

import xai_core as xai
from tests.support.labels import PICTURES, write_squares
from xai_core.errors import DataError, RecordError
from xai_core.training.pictures import Tensors
from xai_core.types import Preprocessing


def test_pictures_with_several_labels_are_refused(tmp_path):
    data = xai.load_dataset(str(write_squares(tmp_path / "squares", PICTURES)))
    with pytest.raises(DataError, match=r"c.png has several labels: red, green.*one class a picture"):
        Tensors(data, ("blue", "green", "red"), Preprocessing(16, 16))


def test_a_table_with_one_label_a_picture_is_fine(tmp_path):
    pictures = {name: colours for name, colours in PICTURES.items() if len(colours) == 1}
    data = xai.load_dataset(str(write_squares(tmp_path / "squares", pictures)))
    assert len(Tensors(data, ("blue", "green", "red"), Preprocessing(16, 16))) == len(pictures)


def test_a_recorder_refuses_a_row_of_labels_a_picture(tmp_path):
    inputs, labels = torch.zeros(4, 3, 8, 8), torch.eye(4, 3)
    with pytest.raises(RecordError, match=r"one number a picture, \(N,\); the loader gave \(4, 3\).*evaluate_labels"):
        xai.Recorder(tmp_path / "run", [(inputs, labels)], class_names=("a", "b", "c"))
