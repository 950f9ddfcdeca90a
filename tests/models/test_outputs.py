"""What a network's numbers mean: found out, said, and turned into the right probabilities and scores."""

import numpy as np
import pytest
import torch
from torch import nn

import xai_core as xai
from xai_core.types import OUTPUTS

PICTURES = [np.random.default_rng(i).integers(0, 256, (16, 16, 3), dtype=np.uint8) for i in range(4)]


def body(classes=5, spread=20.0):
    torch.manual_seed(0)
    net = nn.Sequential(
        nn.Conv2d(3, 8, 3, stride=2, padding=1), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, classes)
    )
    with torch.no_grad():
        net[-1].weight *= spread
    return net.eval()


def load(net, **settings):
    return xai.load_model(net, **({"input_size": 16, "device": "cpu"} | settings))


def inputs(model):
    return torch.from_numpy(np.stack([model.preprocessing.array(picture) for picture in PICTURES]))


class Wrapped(nn.Module):
    def __init__(self, change, classes=5):
        super().__init__()
        self.body, self.change = body(classes), change

    def forward(self, x):
        return self.change(self.body(x))


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (lambda y: y, "logits"),
        (lambda y: y.softmax(1), "probabilities"),
        (lambda y: y.exp() / y.exp().sum(1, keepdim=True), "probabilities"),  # by its values
        (lambda y: y.softmax(1)[:, :, None, None], "probabilities"),
        (lambda y: y.log_softmax(1), "log_probabilities"),
        (lambda y: y - y.logsumexp(1, keepdim=True), "log_probabilities"),
    ],
)
def test_confidences_are_those_of_the_logits_whatever_the_last_operation(change, key):
    model = load(Wrapped(change))
    assert model.outputs == OUTPUTS[key]
    with torch.no_grad():
        expected = body()(inputs(model)).softmax(1).numpy()
    np.testing.assert_allclose(xai.predict(model, PICTURES).probabilities, expected, rtol=1e-4, atol=1e-7)


def test_maps_of_probabilities_explain_their_logarithm():
    model = load(Wrapped(lambda y: y.softmax(1)))
    net = body()
    x = inputs(model)[:1].requires_grad_()
    (expected,) = torch.autograd.grad(net(x).log_softmax(1)[0, 2], x)
    got = xai.saliency(model, PICTURES[:1], targets=2, signed=True, reduce="sum")["input"][0]
    np.testing.assert_allclose(got, expected.sum(1)[0].numpy(), rtol=1e-3, atol=1e-6)
    assert model.outputs.sentence == "The outputs are probabilities; maps explain their logarithm."


def test_sigmoids_are_independent_labels_with_their_own_numbers():
    model = load(Wrapped(torch.sigmoid), class_names=list("abcde"))
    assert model.outputs == OUTPUTS["label_probabilities"]
    assert model.outputs.independent
    with torch.no_grad():
        logits = body()(inputs(model))
    np.testing.assert_allclose(xai.predict(model, PICTURES).probabilities, logits.sigmoid().numpy(), rtol=1e-5)
    x = inputs(model)[:1].requires_grad_()
    (expected,) = torch.autograd.grad(body()(x)[0, 3], x)
    got = xai.saliency(model, PICTURES[:1], targets="d", signed=True, reduce="sum")["input"][0]
    np.testing.assert_allclose(got, expected.sum(1)[0].numpy(), rtol=1e-3, atol=1e-6)


def test_what_logits_mean_can_be_said():
    model = load(body(), outputs="label_logits")
    with torch.no_grad():
        expected = body()(inputs(model)).sigmoid().numpy()
    np.testing.assert_allclose(xai.predict(model, PICTURES).probabilities, expected, rtol=1e-5)
    assert model.id != load(body()).id  # its answers are others, so no cache may mix them up
    assert "outputs='label_logits'" in model.code


@pytest.mark.parametrize("end", [nn.Identity(), nn.Sigmoid()])
@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["benign", "malignant"], ("benign", "malignant")),
        (["malignant"], ("not malignant", "malignant")),
        (None, ("negative", "positive")),
    ],
)
def test_one_output_is_two_classes(end, names, expected):
    net = nn.Sequential(body(1), end)
    model = load(net, class_names=names)
    assert model.class_names == expected
    assert model.outputs.single
    with torch.no_grad():
        s = torch.sigmoid(body(1)(inputs(model)))[:, 0].numpy()
    predictions = xai.predict(model, PICTURES)
    np.testing.assert_allclose(predictions.probabilities, np.stack([1 - s, s], 1), rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(predictions.confidences, np.maximum(s, 1 - s), rtol=1e-4)
    first, second = (xai.grad_cam(model, PICTURES[:1], targets=target)["0.1"] for target in (0, 1))
    np.testing.assert_allclose(first, -second)
    assert np.abs(second).max() > 0
    assert np.abs(xai.lime(model, PICTURES[0], num_samples=60, segments="slic").weights).max() > 0
    assert "one output" in " ".join(model.notes)


def test_one_output_with_three_names_is_refused():
    with pytest.raises(xai.ModelError, match="has one output, for two classes, but 3 class names were given"):
        load(body(1), class_names=["a", "b", "c"])


def test_numbers_of_a_regression_are_refused_with_the_choices():
    with pytest.raises(xai.ModelError, match=r"one of logits, .*; got 'regression'\. Numbers that are no scores"):
        load(body(), outputs="regression")
    with pytest.raises(xai.ModelError, match="has 5 outputs, so they cannot be 'one logit for two classes'"):
        load(body(), outputs="one_logit")


@pytest.mark.parametrize(
    ("change", "stated", "why"),
    [
        (lambda y: y, "probabilities", "they go from .* to .*, beyond 0 and 1"),
        (lambda y: y, "label_probabilities", "beyond 0 and 1"),
        (lambda y: y.sigmoid(), "probabilities", r"all probabilities add up to .*, not to 1"),
        (lambda y: y, "log_probabilities", r"all probabilities add up to .*, not to 1"),
        (lambda y: y.softmax(1), "logits", "lie between 0 and 1 and add up to 1, as probabilities do"),
        (lambda y: y.softmax(1), "label_probabilities", "add up to 1, as probabilities of classes that exclude each"),
        (lambda y: y.softmax(1), "label_logits", "add up to 1, as probabilities of classes that exclude each other do"),
        (lambda y: y.log_softmax(1), "label_logits", "logarithms of probabilities that add up to 1"),
    ],
)
def test_a_stated_meaning_that_the_numbers_contradict_is_refused(change, stated, why):
    """Confidences and maps would be wrong, and look right."""
    title = OUTPUTS[stated].title.lower()
    with pytest.raises(xai.ModelError, match=rf"^The outputs of Wrapped cannot be {title}: .*{why}"):
        load(Wrapped(change), outputs=stated)


@pytest.mark.parametrize(
    ("change", "stated"),
    [
        (lambda y: y, "logits"),
        (lambda y: y.log_softmax(1), "logits"),
        (lambda y: y.softmax(1), "probabilities"),
        (lambda y: y.sigmoid(), "label_probabilities"),
        (lambda y: y, "label_logits"),
        (lambda y: y.log_softmax(1), "log_probabilities"),
        (lambda y: y * float("nan"), "probabilities"),  # says nothing of what they mean; its NaN is said elsewhere
    ],
)
def test_a_stated_meaning_that_the_numbers_allow_is_kept(change, stated):
    assert load(Wrapped(change), outputs=stated).outputs == OUTPUTS[stated]


def test_outputs_between_0_and_1_that_may_be_either_are_said():
    model = load(Wrapped(lambda y: y.sigmoid() * 0.5))
    assert model.outputs == OUTPUTS["logits"]
    assert "All outputs lie between 0 and 1" in " ".join(model.notes)
    assert "All outputs" not in " ".join(load(body(spread=0.01)).notes)  # the last operation is a sum of products


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ({0: "a", 1: "b", 2: "c"}, ("a", "b", "c")),
        ({"2": "c", "0": "a", "1": "b"}, ("a", "b", "c")),
        ({"b": 1, "a": 0, "c": 2}, ("a", "b", "c")),
        ([0, 1, 2], ("0", "1", "2")),
        (["a", "b", "c\n"], ("a", "b", "c")),
    ],
)
def test_class_names_as_they_lie_about(names, expected):
    assert load(body(3), class_names=names).class_names == expected


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ({0: "a", 2: "c"}, "none for output 1; they go from 0 to 1"),
        ({"a": "x", "b": "y"}, "go by the number of the output"),
        (["a", "", "c"], "class name of output 1 is empty"),
        ({0: "a", 1: "b"}, "has 3 outputs, but 2 class names were given"),
        ("labels.txt", "cannot be read from labels.txt"),
    ],
)
def test_class_names_that_fit_nothing_are_sentences(names, message):
    with pytest.raises(xai.ModelError, match=message):
        load(body(3), class_names=names)


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("names.txt", "a\nb\n\nc\n"),
        ("names.json", '["a", "b", "c"]'),
        ("config.json", '{"id2label": {"0": "a", "1": "b", "2": "c"}}'),
    ],
)
def test_class_names_come_from_files(tmp_path, file, text):
    path = tmp_path / file
    path.write_text(text, encoding="utf-8")
    assert load(body(3), class_names=path).class_names == ("a", "b", "c")


def test_imagenets_two_cranes_are_told_apart():
    from xai_core.models import imagenet

    names = ["crane" if "crane" in name else name for name in imagenet.class_names()]
    assert names.count("crane") >= 2
    known = load(body(1000), class_names=names).class_names
    assert len(set(known)) == 1000
    assert {name for name in known if name.startswith("crane (n")} == {
        f"crane ({wnid})" for name, wnid in zip(names, imagenet.wnids(), strict=True) if name == "crane"
    }


@pytest.mark.parametrize(
    ("target", "message"),
    [
        (np.eye(5)[:1], "of one-hot rows take the argmax"),
        ([None, 1], "There are 2 targets for 1 picture"),
        ([[]], "neither the number nor the name"),
    ],
)
def test_targets_that_are_no_classes_are_sentences(target, message):
    with pytest.raises(xai.TargetError, match=message):
        xai.grad_cam(load(body()), PICTURES[0], targets=target)


@pytest.mark.parametrize("target", [torch.tensor(3), np.array(3), np.int32(3), [torch.tensor(3)], "class 3"])
def test_a_target_may_be_any_one_number(target):
    assert xai.grad_cam(load(body()), PICTURES[0], targets=target).targets.tolist() == [3]
