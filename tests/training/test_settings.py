"""Settings: their limits, their way through JSON, the presets, and which weights are kept."""

import json
import re
from dataclasses import FrozenInstanceError, fields

import pytest

from xai_core.errors import TrainingError
from xai_core.models import ARCHITECTURES
from xai_core.training import AUGMENTATIONS, PRESETS, Settings

FOLDER = {"scenes": "/data/scenes"}  # of the presets that need one


def settings(**changes):
    return Settings(**{"name": "n", "data": "textured_digits", "architecture": "small_resnet", **changes})


def refused(message, **changes):
    with pytest.raises(TrainingError, match=message):
        settings(**changes)


# limits


@pytest.mark.parametrize(
    ("key", "low", "high"),
    [
        ("epochs", 1, 10_000),
        ("batch_size", 2, 4096),
        ("seed", 0, 2**31 - 1),
        ("redraws", 1, 100),
        ("checkpoint_every", 0, 10_000),
    ],
)
def test_whole_numbers_have_limits(key, low, high):
    assert getattr(settings(**{key: low}), key) == low
    assert getattr(settings(**{key: high}), key) == high
    for value in (low - 1, high + 1, low + 0.5, float(low), str(low), None, True):
        message = rf"^{key} is a whole number from {low} to .*; got {re.escape(repr(value))}\.$"
        refused(message, **{key: value})


@pytest.mark.parametrize(
    ("key", "low", "high"), [("learning_rate", 1e-8, 100), ("weight_decay", 0, 1), ("shortcut", 0, 1)]
)
def test_numbers_have_limits(key, low, high):
    for value in (low, high, float(low), float(high)):
        assert getattr(settings(**{key: value}), key) == value
    for value in (low - 1e-6, high + 1e-6, -1, float("nan"), float("inf"), "0.5", None, True):
        message = rf"^{key} is a number from {low:g} to {high}; got {re.escape(repr(value))}\.$"
        refused(message, **{key: value})


@pytest.mark.parametrize("key", ["epochs", "learning_rate"])
def test_a_number_too_large_for_any_float_is_refused_like_others(key):
    refused(rf"^{key} is a (whole )?number from ", **{key: 10**400})


def test_an_unknown_optimizer_is_refused():
    assert settings(optimizer="adamw").optimizer == "adamw"
    refused(r"^The optimizer is \"sgd\" or \"adamw\"; got 'adam'\.$", optimizer="adam")


def test_an_unknown_augmentation_is_refused_with_the_choices():
    refused(r"^Unknown augmentation 'blur'\. Choose of: flip, rotate, crop, dropout\.$", augment=("flip", "blur"))


def test_an_untrained_backbone_cannot_be_frozen():
    refused("^Only a pretrained backbone can be frozen", freeze=True)
    assert settings(freeze=True, pretrained=True).freeze


def test_there_must_be_pictures():
    refused("^The training needs pictures: a data set's name, or a folder of class folders", data="")


def test_settings_do_not_change():
    with pytest.raises(FrozenInstanceError):
        settings().epochs = 3


# through JSON

OTHER = {
    "name": "Über",
    "data": "/some/where",
    "architecture": "resnet18",
    "epochs": 3,
    "batch_size": 5,
    "learning_rate": 0.1 + 0.2,
    "weight_decay": 1e-17,
    "optimizer": "adamw",
    "seed": 7,
    "augment": ("crop", "flip"),
    "pretrained": True,
    "freeze": True,
    "shortcut": 1 / 3,
    "redraws": 2,
    "checkpoint_every": 0,
}


def test_every_setting_survives_json():
    assert set(OTHER) == {field.name for field in fields(Settings)}
    given = Settings(**OTHER)
    default = settings()
    for key in OTHER:
        assert getattr(given, key) != getattr(default, key), f"{key} is not tried"
    again = Settings.from_dict(json.loads(json.dumps(given.to_dict())))
    assert again == given
    assert again.augment == ("crop", "flip")
    assert hash(again) == hash(given)


def test_what_is_not_said_is_as_by_default():
    assert Settings.from_dict({"name": "n", "data": "textured_digits", "architecture": "small_resnet"}) == settings()


def test_an_unknown_setting_is_named():
    with pytest.raises(TrainingError, match=r"^There is no setting 'epoch'\.$"):
        Settings.from_dict(settings().to_dict() | {"epoch": 3, "zoom": 1})


def test_a_missing_setting_is_named():
    with pytest.raises(TrainingError, match=r"^The settings are not whole: .*'architecture'"):
        Settings.from_dict({"name": "n", "data": "d"})


@pytest.mark.parametrize("augment", [5, [["flip"]], [{}]])
def test_augmentations_of_another_kind_are_refused(augment):
    with pytest.raises(TrainingError):
        Settings.from_dict(settings().to_dict() | {"augment": augment})


def test_limits_hold_for_what_comes_from_json():
    with pytest.raises(TrainingError, match=r"^epochs is a whole number"):
        Settings.from_dict(settings().to_dict() | {"epochs": 0})


# presets


@pytest.mark.parametrize("key", PRESETS)
def test_the_presets_are_valid(key):
    preset = PRESETS[key]
    found = preset.settings(**({"data": FOLDER[key]} if key in FOLDER else {}))
    assert found.architecture in ARCHITECTURES
    assert set(found.augment) <= set(AUGMENTATIONS)
    assert found.name
    assert preset.title
    assert preset.about.endswith(".")
    assert preset.settings(data="elsewhere", epochs=3).epochs == 3
    assert preset.settings(data="elsewhere").data == "elsewhere"


def test_a_preset_that_needs_a_folder_says_so():
    with pytest.raises(TrainingError, match=r"^The training needs pictures"):
        PRESETS["scenes"].settings()


def test_a_preset_takes_no_unknown_change():
    with pytest.raises(TrainingError, match=r"^There is no setting 'speed'\.$"):
        PRESETS["digits"].settings(speed=1)


def parameters(key, classes=10):
    return sum(parameter.numel() for parameter in ARCHITECTURES[key].build(classes).parameters())


def test_the_digits_preset_is_a_small_network_for_its_pictures():
    found = PRESETS["digits"].settings()
    assert (found.architecture, found.data, found.epochs, found.redraws) == ("small_resnet", "textured_digits", 24, 3)
    view = ARCHITECTURES["small_resnet"].preprocessing
    assert (view.resize, view.crop) == (64, 64)
    assert parameters("small_resnet") < 250_000


def test_the_cifar_preset_is_the_known_recipe():
    found = PRESETS["cifar10"].settings()
    assert (found.architecture, found.epochs, found.batch_size) == ("resnet18_cifar", 40, 128)
    assert set(found.augment) == {"crop", "rotate", "dropout"}
    view = ARCHITECTURES["resnet18_cifar"].preprocessing
    assert (view.resize, view.crop) == (32, 32)
    assert parameters("resnet18_cifar") == 11_173_962  # ResNet-18 for CIFAR-10 as everyone builds it


def test_the_fine_tuning_preset_trains_the_last_layer():
    found = PRESETS["scenes"].settings(data="x")
    assert (found.pretrained, found.freeze, found.architecture) == (True, True, "efficientnet_lite0")


# weights that are kept


@pytest.mark.parametrize(
    ("epochs", "every", "kept"),
    [
        (5, 1, [1, 2, 3, 4, 5]),
        (8, 3, [1, 3, 6, 8]),
        (9, 3, [1, 3, 6, 9]),
        (7, 100, [1, 7]),
        (24, 0, [1, 2, 4, 8, 16, 24]),
        (16, 0, [1, 2, 4, 8, 16]),
        (1, 0, [1]),
        (1, 4, [1]),
    ],
)
def test_which_weights_are_kept(epochs, every, kept):
    found = settings(epochs=epochs, checkpoint_every=every)
    assert [epoch for epoch in range(1, epochs + 1) if found.keeps(epoch)] == kept
