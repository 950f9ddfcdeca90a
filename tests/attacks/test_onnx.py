"""ONNX files of kilobytes that ask for gigabytes, for ever, for files of others, or for a million classes."""

import time

import numpy as np
import pytest
import torch

import xai_core as xai
from tests.support.limits import bounded
from xai_core import apart
from xai_core.errors import ModelError
from xai_core.models.kinds import MAX_CLASSES
from xai_core.models.sources import onnx_bounds

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")
SIDE, CLASSES = 8, 10
FLOAT = onnx.TensorProto.FLOAT


@pytest.fixture(scope="module", autouse=True)
def loaded():
    """What onnxruntime itself takes when it is imported is not a file's doing."""
    onnx_bounds.session_options()


def node(kind, given, made, **settings):
    return onnx.helper.make_node(kind, given, [made], **settings)


def number(value, name):
    return onnx.numpy_helper.from_array(np.array(value), name)


def value(name, shape, kind=FLOAT):
    return onnx.helper.make_tensor_value_info(name, kind, shape)


def written(path, nodes, constants, classes=CLASSES):
    """A network whose scores are y, with a matrix that may be its beginning: x -> plain."""
    matrix = number(np.random.default_rng(0).normal(size=(3 * SIDE**2, CLASSES)).astype("float32"), "matrix")
    nodes = [node("Flatten", ["x"], "flat"), node("MatMul", ["flat", "matrix"], "plain"), *nodes]
    graph = onnx.helper.make_graph(
        nodes, "net", [value("x", ["n", 3, SIDE, SIDE])], [value("y", ["n", classes])], [matrix, *constants]
    )
    onnx.save(onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8), path)
    return path


def taking(path, pictures):
    """The same file, saying that it takes so many pictures at once and no fewer."""
    model = onnx.load(path)
    for one in (model.graph.input[0], model.graph.output[0]):
        one.type.tensor_type.shape.dim[0].dim_value = pictures
    path.write_bytes(model.SerializeToString())
    return path


def large(size):
    """The highest value of a tensor of as many zeros as `size` says, added to the scores."""
    return [
        node("ConstantOfShape", [size], "zeros"),
        node("ReduceMax", ["zeros"], "most", keepdims=0),
        node("Add", ["plain", "most"], "y"),
    ]


def refused(path, says):
    with pytest.raises(ModelError, match=says):
        xai.load_model(path)


def test_what_fits_is_opened(tmp_path):
    model = xai.load_model(written(tmp_path / "small.onnx", large("size"), [number([1_000], "size")]))
    assert len(model.class_names) == CLASSES


def test_a_constant_larger_than_the_memory_is_refused(tmp_path):
    """It is computed when the file is opened."""
    path = written(tmp_path / "constant.onnx", large("size"), [number([10**12], "size")])
    with bounded(2.0, 100):
        refused(path, r"^constant\.onnx( \(ONNX\))? asks for more than .* GB, a quarter of this machine's memory\.$")


def test_a_value_larger_than_the_memory_is_refused(tmp_path):
    """How large it is, is known only when a picture is there."""
    nodes = [
        node("ReduceMax", ["x"], "brightest", keepdims=0),
        node("Mul", ["brightest", "nothing"], "none"),
        node("Cast", ["none"], "zero", to=onnx.TensorProto.INT64),
        node("Add", ["zero", "size"], "sized"),
    ]
    path = written(
        tmp_path / "value.onnx", [*nodes, *large("sized")], [number([10**12], "size"), number(np.float32(0), "nothing")]
    )
    with bounded(2.0, 100):
        refused(path, r"^value\.onnx \(ONNX\) asks for more than .* GB, a quarter of this machine's memory\.$")


def test_the_bound_is_a_share_of_the_machine(tmp_path):
    """Just below the memory that there is, but more than a file may take: no other bound would hold it."""
    size = onnx_bounds.most_bytes() // 4 + 10**6
    path = written(tmp_path / "half.onnx", large("size"), [number([size], "size")])
    with bounded(2.0, 100):
        refused(path, r"^half\.onnx( \(ONNX\))? asks for more than")


def endless(path):
    body = onnx.helper.make_graph(
        [node("Identity", ["on"], "on_"), node("Identity", ["v"], "v_")],
        "body",
        [value("i", [], onnx.TensorProto.INT64), value("on", [], onnx.TensorProto.BOOL), value("v", None)],
        [value("on_", [], onnx.TensorProto.BOOL), value("v_", None)],
    )
    loop = node("Loop", ["times", "true", "plain"], "y", body=body)
    return written(path, [loop], [number(2**62, "times"), number(True, "true")])


def test_a_loop_without_end_is_ended_and_not_begun_again_at_once(tmp_path, monkeypatch):
    monkeypatch.setattr(onnx_bounds, "SECONDS", 0.2)
    path = endless(tmp_path / "loop.onnx")
    with bounded(4.0, 100):
        refused(path, r"^loop\.onnx \(ONNX\) gave no answer within 0\.2 s a picture, and was ended\.$")
    with bounded(0.2, 100):
        refused(path, r"^loop\.onnx gave no answer .*, and was ended\. It is tried again 10 minutes after that\.$")
    monkeypatch.setattr(onnx_bounds, "AGAIN", 0.0)
    refused(path, r"and was ended\.$")
    written(path, [node("Identity", ["plain"], "y")], [])
    assert len(xai.load_model(path).class_names) == CLASSES  # another file at its place


@pytest.mark.parametrize("slow", ["to answer", "to open"])
def test_a_file_is_ended_when_whoever_opened_it_has_left(slow, tmp_path):
    class Left(BaseException):
        """As Streamlit ends a run."""

    began = time.monotonic()

    def look():
        if time.monotonic() - began > 0.3:
            raise Left

    path = endless(tmp_path / "loop.onnx")
    if slow == "to open":
        steps = [node("Abs", [f"v{place}"], f"v{place + 1}") for place in range(50_000)]
        ends = [node("Identity", ["plain"], "v0"), *steps, node("Identity", ["v50000"], "y")]
        path, began = written(tmp_path / "steps.onnx", ends, []), time.monotonic()
    with apart.switched_on(look), bounded(4.0, 300), pytest.raises(Left):
        xai.load_model(path)
    assert time.monotonic() - began < 5  # and not after 20 s


def test_time_does_not_grow_with_the_pictures_that_a_file_says_it_takes(tmp_path, monkeypatch):
    monkeypatch.setattr(onnx_bounds, "LONGEST", 0.5)
    path = taking(endless(tmp_path / "many.onnx"), 1_000)
    with bounded(4.0, 100):
        refused(path, r"^many\.onnx \(ONNX\) gave no answer within 0\.5 s, and was ended\.$")


def test_a_file_that_is_slow_with_some_pictures_is_ended_with_its_name_and_not_asked_again(tmp_path, monkeypatch):
    """It loops where the darkest pixel is bright, which is so of no picture that a network is tried with."""
    monkeypatch.setattr(onnx_bounds, "SECONDS", 0.2)
    path = endless(tmp_path / "bright.onnx")
    model = onnx.load(path)
    del model.graph.initializer[1]
    dark = [node("ReduceMin", ["x"], "darkest", keepdims=0), node("Relu", ["darkest"], "bright")]
    dark += [node("Mul", ["bright", "often"], "turns"), node("Cast", ["turns"], "times", to=onnx.TensorProto.INT64)]
    loop = model.graph.node.pop()
    model.graph.node.extend([*dark, loop])
    model.graph.initializer.append(number(np.float32(1e15), "often"))
    path.write_bytes(model.SerializeToString())
    net = xai.load_model(path).net
    with bounded(2.0, 100), pytest.raises(ModelError, match=r"^bright\.onnx \(ONNX\) gave no answer .* was ended\.$"):
        net(torch.ones(1, 3, SIDE, SIDE))
    with bounded(0.2, 100), pytest.raises(ModelError, match=r"It is tried again 10 minutes after that\.$"):
        net(torch.ones(1, 3, SIDE, SIDE))


def test_each_picture_of_many_has_its_time(tmp_path, monkeypatch):
    """Where a file takes any number of them, the bound of a run is no reason to refuse an honest one that is slow."""
    asked, real = [], onnx_bounds.bounded
    monkeypatch.setattr(onnx_bounds, "bounded", lambda count, file: asked.append(count) or real(count, file))
    net = xai.load_model(written(tmp_path / "a.onnx", [node("Identity", ["plain"], "y")], [])).net
    asked.clear()
    pictures = torch.rand(40, 3, SIDE, SIDE)
    said = net(pictures)
    assert asked == [15, 15, 10]
    assert max(asked) * onnx_bounds.SECONDS <= onnx_bounds.LONGEST
    assert torch.allclose(said[[0, 20, 39]], net(pictures[[0, 20, 39]]), atol=1e-4)


def test_a_file_that_was_given_up_is_opened_once_more(tmp_path, monkeypatch):
    """The first time a large one may come from a slow disk, the second from memory."""
    monkeypatch.setattr(onnx_bounds, "OPENING", 0.05)
    path = written(tmp_path / "large.onnx", [node("Identity", ["plain"], "y")], [])

    class Late:
        """A session that is made when its time is over."""

        def __init__(self, path, options, **_):
            time.sleep(0.3)
            raise RuntimeError

    import onnxruntime

    with monkeypatch.context() as slow:
        slow.setattr(onnxruntime, "InferenceSession", Late)
        refused(path, r"given up\.$")
    assert len(xai.load_model(path).class_names) == CLASSES
    monkeypatch.setattr(onnxruntime, "InferenceSession", Late)
    refused(path, r"given up\.$")
    refused(path, r"given up\. It is tried again 10 minutes after that\.$")


def test_the_files_of_others_are_no_weights(tmp_path):
    other = tmp_path / "others.bin"
    other.write_bytes(bytes(4 * 3 * SIDE**2 * CLASSES))
    folder = tmp_path / "mine"
    folder.mkdir()
    path = written(folder / "outside.onnx", [node("MatMul", ["flat", "theirs"], "y")], [])
    model = onnx.load(path)
    theirs = onnx.TensorProto(name="theirs", data_type=FLOAT, dims=[3 * SIDE**2, CLASSES])
    theirs.data_location = onnx.TensorProto.EXTERNAL
    theirs.external_data.add(key="location", value="../others.bin")
    model.graph.initializer.append(theirs)
    path.write_bytes(model.SerializeToString())
    refused(path, r"outside\.onnx cannot be read as an ONNX file: .*escapes model directory")


def test_more_classes_than_can_be_named_are_refused(tmp_path):
    wide = node("Tile", ["plain", "times"], "y")
    times = (MAX_CLASSES + CLASSES) // CLASSES
    path = written(tmp_path / "wide.onnx", [wide], [number([1, times], "times")], MAX_CLASSES + CLASSES)
    with bounded(2.0, 200):
        refused(path, rf"wide\.onnx .*gives {MAX_CLASSES + CLASSES:,} outputs a picture; at most 100,000 are taken")


def test_constants_are_computed_within_the_time_of_a_picture(tmp_path, monkeypatch):
    """Matrices of the size of a constant, which would all be multiplied when the file is opened."""
    monkeypatch.setattr(onnx_bounds, "SECONDS", 0.2)
    chain = [node("MatMul", [f"c{place}", "c0"], f"c{place + 1}") for place in range(300)]
    zeros = node("ConstantOfShape", ["size"], "c0")
    ends = [node("ReduceMax", ["c300"], "most", keepdims=0), node("Add", ["plain", "most"], "y")]
    path = written(tmp_path / "ahead.onnx", [zeros, *chain, *ends], [number([700, 700], "size")])
    with bounded(4.0, 200):
        refused(path, r"^ahead\.onnx \(ONNX\) gave no answer within 0\.2 s a picture, and was ended\.$")


def test_a_file_of_too_many_steps_is_given_up(tmp_path, monkeypatch):
    monkeypatch.setattr(onnx_bounds, "OPENING", 0.1)
    steps = [node("Abs", [f"v{place}"], f"v{place + 1}") for place in range(50_000)]
    ends = [node("Identity", ["plain"], "v0"), *steps, node("Identity", ["v50000"], "y")]
    path = written(tmp_path / "steps.onnx", ends, [])
    with bounded(4.0, 300):
        refused(path, r"^steps\.onnx is not opened within 0\.1 s, and was given up\.$")


def test_class_names_that_would_fill_the_memory_are_not_read(tmp_path):
    path = written(tmp_path / "named.onnx", [node("Identity", ["plain"], "y")], [])
    model = onnx.load(path)
    model.metadata_props.add(key="names", value="[" + "0," * 5_000_000 + "]")
    path.write_bytes(model.SerializeToString())
    with bounded(2.0, 150):
        assert len(xai.load_model(path).class_names) == CLASSES
    model.metadata_props[0].value = repr({place: f"class {place}" for place in range(CLASSES)})
    path.write_bytes(model.SerializeToString())
    assert xai.load_model(path).class_names[1] == "class 1"


def test_a_file_that_takes_a_million_pictures_at_once_is_refused(tmp_path):
    path = taking(written(tmp_path / "many.onnx", [node("Identity", ["plain"], "y")], []), 1_000_000)
    with bounded(2.0, 100):
        refused(path, r"^many\.onnx takes 1,000,000 pictures at once and no fewer; at most 256 MB of them are made\.")


def test_files_of_holes_beside_it_are_not_read(tmp_path):
    path = written(tmp_path / "a.onnx", [node("Identity", ["plain"], "y")], [])
    with (tmp_path / "a.onnx.data").open("wb") as file:
        file.truncate(1 << 40)
    with bounded(2.0, 100):
        refused(path, r"^a\.onnx and the files beside it that are named like it are more than .* GB")
