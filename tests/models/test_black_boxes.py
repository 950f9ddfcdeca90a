"""ONNX, torch.export and TorchScript files: the answers of the network that was saved, whatever the batch."""

import subprocess
import sys
import warnings

import numpy as np
import pytest
import torch
from torch import nn

import xai_core as xai
from xai_core.models.sources.onnx_files import open_onnx
from xai_core.models.sources.programs import open_program
from xai_core.models.trust import VARIABLE

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")
SIDE = 12


@pytest.fixture(autouse=True)
def trusted(monkeypatch):
    """As in Python and commands; pages forbid it for their process."""
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.delenv("XAI_DATA_ROOTS", raising=False)


@pytest.fixture(scope="module")
def net():
    torch.manual_seed(0)
    layers = nn.Conv2d(3, 4, 3, 2), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 3)
    return nn.Sequential(*layers).eval()


def pictures(n, channels=3):
    return torch.randn(n, channels, SIDE, SIDE, generator=torch.Generator().manual_seed(1))


def assert_same(found, net, n=5):
    with torch.no_grad():
        torch.testing.assert_close(found(pictures(n)), net(pictures(n)), atol=1e-5, rtol=1e-4)


def write_onnx(path, net, batch="n", last=False, kind=onnx.TensorProto.FLOAT, more=(), channels=3, meta=None):
    """A convolution, its mean over the map and a matrix: written by hand, since the exporter takes seconds."""
    helper, state = onnx.helper, {name: tensor.numpy() for name, tensor in net.state_dict().items()}
    shape = [batch, SIDE, SIDE, channels] if last else [batch, channels, SIDE, SIDE]
    given = "pictures"
    nodes = []
    if kind != onnx.TensorProto.FLOAT:
        nodes.append(helper.make_node("Cast", [given], ["cast"], to=onnx.TensorProto.FLOAT))
        given = "cast"
    if last:
        nodes.append(helper.make_node("Transpose", [given], ["first"], perm=[0, 3, 1, 2]))
        given = "first"
    nodes += [
        helper.make_node("Conv", [given, "0.weight", "0.bias"], ["conv"], strides=[2, 2]),
        helper.make_node("Relu", ["conv"], ["relu"]),
        helper.make_node("GlobalAveragePool", ["relu"], ["pool"]),
        helper.make_node("Flatten", ["pool"], ["flat"]),
        helper.make_node("Gemm", ["flat", "4.weight", "4.bias"], ["scores"], transB=1),
    ]
    outputs = [helper.make_tensor_value_info("scores", onnx.TensorProto.FLOAT, [batch, 3])]
    outputs += [helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in more]
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info("pictures", kind, shape)],
        outputs,
        [onnx.numpy_helper.from_array(array, name) for name, array in state.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    if meta:
        helper.set_model_props(model, meta)
    onnx.save(model, path)
    return path


def refused(open_model, *given):
    with pytest.raises(xai.ModelError) as caught:
        open_model(*given)
    return str(caught.value)


# ONNX


@pytest.mark.parametrize("batch", ["n", 1, 2, 4])
def test_any_number_of_pictures_whatever_the_file_says(batch, net, tmp_path):
    found = open_onnx(write_onnx(tmp_path / "mine.onnx", net, batch), None, None)
    for n in (1, 2, 5):
        assert_same(found.net, net, n)
    assert (found.title, found.differentiable, found.guessed) == ("mine.onnx (ONNX)", False, True)
    assert found.preprocessing.size == (SIDE, SIDE)


def test_a_file_that_takes_one_at_a_time_without_saying_so(net):
    from xai_core.models.black_box import BlackBox

    def ask(batch):  # a reshape that was traced with one picture
        return net(batch).reshape(1, -1)

    found = BlackBox(ask, torch.zeros(32, dtype=torch.uint8))
    for n in (1, 3, 2):
        assert_same(found, net, n)


def test_channels_last_bytes_and_one_channel(net, tmp_path):
    last = open_onnx(write_onnx(tmp_path / "last.onnx", net, last=True), None, None)
    assert_same(last.net, net)
    assert last.notes == ("It takes pictures with their channels last.",)
    small = open_onnx(write_onnx(tmp_path / "bytes.onnx", net, kind=onnx.TensorProto.UINT8), None, None)
    assert (small.preprocessing.white, small.preprocessing.mean, small.guessed) == (255, (0, 0, 0), False)
    view = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)
    plain = torch.from_numpy(view).permute(2, 0, 1)[None].float()
    with torch.no_grad():
        answer = small.net(torch.from_numpy(small.preprocessing.scale(view))[None])
        torch.testing.assert_close(answer, net(plain), atol=1e-3, rtol=1e-4)
    torch.manual_seed(0)
    one = nn.Sequential(nn.Conv2d(1, 4, 3, 2), *net[1:])
    grey = open_onnx(write_onnx(tmp_path / "grey.onnx", one, channels=1), None, None)
    assert (grey.preprocessing.channels, len(grey.preprocessing.mean)) == ("L", 1)


def test_several_outputs_come_by_name_and_class_names_are_read(net, tmp_path):
    meta = {"names": "{0: 'ant', 1: 'bee', 2: 'bee'}"}
    found = open_onnx(write_onnx(tmp_path / "mine.onnx", net, batch=1, more=["pool"], meta=meta), None, None)
    answer = found.net(pictures(3))
    assert list(answer) == ["scores", "pool"]
    assert answer["pool"].shape == (3, 4, 1, 1)
    assert found.class_names == ["ant", "bee", "bee (2)"]
    odd = write_onnx(tmp_path / "odd.onnx", net, meta={"names": "__import__('os').abort()"})
    assert open_onnx(odd, None, None).class_names is None


def test_two_files_are_two_models(net, tmp_path):
    torch.manual_seed(1)
    other = nn.Sequential(nn.Conv2d(3, 4, 3, 2), *net[1:])
    first, again, second = (
        open_onnx(write_onnx(tmp_path / f"{number}.onnx", one), None, None).net.content
        for number, one in enumerate((net, net, other))
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, second)


def test_an_onnx_file_predicts(net, tmp_path):
    model = xai.load_model(write_onnx(tmp_path / "mine.onnx", net, batch=1), class_names=["a", "b", "c"])
    views = np.random.default_rng(0).integers(0, 256, (5, SIDE, SIDE, 3), dtype=np.uint8)
    inputs = torch.from_numpy(np.stack([model.preprocessing.scale(view) for view in views]))
    with torch.no_grad():
        expected = net(inputs).softmax(1).numpy()
    assert xai.predict(model, list(views)).probabilities == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("content", [b"no protobuf", b""])
def test_what_is_no_onnx_file(content, tmp_path):
    (tmp_path / "mine.onnx").write_bytes(content)
    said = refused(open_onnx, tmp_path / "mine.onnx", None, None)
    assert said.startswith("mine.onnx cannot be read as an ONNX file: ")


def test_an_onnx_file_that_is_not_there_or_of_other_inputs(net, tmp_path):
    assert refused(open_onnx, tmp_path / "gone.onnx", None, None).startswith("There is no checkpoint 'gone.onnx'")
    path = write_onnx(tmp_path / "mine.onnx", net)
    assert "leave architecture='resnet18' out" in refused(open_onnx, path, "resnet18", None)
    model = onnx.load(path)
    model.graph.input[0].type.tensor_type.elem_type = onnx.TensorProto.INT64
    model.graph.node.insert(0, onnx.helper.make_node("Cast", ["pictures"], ["cast"], to=onnx.TensorProto.FLOAT))
    model.graph.node[1].input[0] = "cast"
    onnx.save(model, path)
    assert "where pictures (N, channels, height, width) are expected" in refused(open_onnx, path, None, None)


def test_without_onnxruntime_it_says_how_to_install_it(net, tmp_path, monkeypatch):
    path = write_onnx(tmp_path / "mine.onnx", net)
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    assert "pip install 'xai-core[onnx]'" in refused(open_onnx, path, None, None)


# programs


@pytest.fixture(scope="module")
def programs(net, tmp_path_factory):
    """The network as TorchScript, and exported for one picture and for any number."""
    folder = tmp_path_factory.mktemp("programs")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.save(torch.jit.trace(net, pictures(1)), folder / "script.pt")
        torch.export.save(torch.export.export(net, (pictures(1),)), folder / "one.pt2")
        any_number = ({0: torch.export.Dim("n")},)
        torch.export.save(torch.export.export(net, (pictures(2),), dynamic_shapes=any_number), folder / "any.pt2")
    return folder


@pytest.mark.parametrize("name", ["script.pt", "one.pt2", "any.pt2"])
def test_programs_answer_as_their_network(name, net, programs):
    found = open_program(programs / name, None, None)
    for n in (1, 2, 5):
        assert_same(found.net, net, n)
    assert (found.differentiable, found.guessed) == (False, True)
    assert found.preprocessing.size == ((224, 224) if name == "script.pt" else (SIDE, SIDE))


@pytest.mark.parametrize("name", ["script.pt", "one.pt2"])
def test_programs_are_loaded_by_their_path(name, net, programs):
    model = xai.load_model(programs / name, input_size=SIDE, device="cpu")
    assert len(model.class_names) == 3
    assert model.title.startswith(name)


@pytest.mark.parametrize(("variable", "value"), [(VARIABLE, "off"), ("XAI_DATA_ROOTS", "/data")])
def test_programs_are_not_run_where_code_is_forbidden(variable, value, programs, monkeypatch):
    monkeypatch.setenv(variable, value)
    monkeypatch.setattr(torch.jit, "load", lambda *given, **more: pytest.fail("it was loaded"))
    monkeypatch.setattr(torch.export, "load", lambda *given, **more: pytest.fail("it was loaded"))
    for name in ("script.pt", "one.pt2"):
        with pytest.raises(xai.ModelError, match=rf"^{name} was not loaded, since that would run its code"):
            xai.load_model(programs / name)


def test_a_program_with_an_architecture_or_damaged(programs, tmp_path):
    assert "leave architecture='resnet18' out" in refused(open_program, programs / "script.pt", "resnet18", None)
    import zipfile

    with zipfile.ZipFile(tmp_path / "mine.pt", "w") as archive:
        archive.writestr("mine/constants.pkl", b"")
        archive.writestr("mine/code/__torch__.py", b"")
    assert "cannot be loaded as a program of torch" in refused(open_program, tmp_path / "mine.pt", None, None)


def test_pages_forbid_code_for_their_process_and_those_that_it_starts():
    code = (
        "import app, subprocess, sys\n"
        "from xai_core.models.trust import check_code\n"
        "try:\n    check_code('it')\nexcept ValueError as error:\n    print(error)\n"
        "print(subprocess.run([sys.executable, '-c', 'import os; print(os.environ[\"XAI_MODEL_CODE\"])'], "
        "capture_output=True, text=True).stdout)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.stdout.startswith("it was not loaded, since that would run its code"), done.stderr
    assert done.stdout.strip().endswith("off")
