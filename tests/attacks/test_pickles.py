"""Checkpoints whose pickles keep a process busy or fill its memory: a sentence before torch takes their steps."""

import collections
import io
import pickle
import struct
import zipfile

import numpy as np
import pytest
import torch

import xai_core as xai
from tests.support.limits import bounded
from xai_core.models.pickled import MOST_STEPS, check_pickles
from xai_core.models.state_files import read_state

START = b"\x80\x02"
LEGACY = [pickle.dumps(one, 2) for one in (0x1950A86A20F9469CFC6C, 1001, {"little_endian": True})]


def text(said):
    return b"X" + struct.pack("<I", len(said.encode())) + said.encode()


def number(value):
    size = value.bit_length() // 8 + 1
    return b"\x8a" + bytes([size]) + value.to_bytes(size, "little")


def tower(height, end=b""):
    """A tuple that holds one twice that holds another twice, ..."""
    steps = b")q\0"
    for one in range(height):
        steps += b"h" + bytes([one]) + b"h" + bytes([one]) + b"\x86q" + bytes([one + 1])
    return steps + end


def call(name, *arguments):
    return f"c{name.replace(' ', chr(10))}\n".encode() + b"(" + b"".join(arguments) + b"tR"


TUPLES = [b"J" + struct.pack("<i", one) + b"\x85" for one in range(20_000)]
PAIRS = b"".join(b"](" + key + b"Ne" for key in TUPLES)
BAD = {
    "a tower as a key": START + tower(40) + b"}h\x28K\1s.",
    "many small towers": START + tower(12) + b"}(" + b"h\x0cK\1" * 20_000 + b"u.",
    "a set of a tower": START + tower(40) + call("builtins set", b"](h\x28e") + b".",
    "towers in lists": START + tower(17) + call("collections OrderedDict", b"](" + b"](h\x11K\1e" * 500 + b"e") + b".",
    "arguments in a list": START + b"ccollections\nOrderedDict\n](](" + PAIRS + b"eeR.",
    "a tower for storage": START + tower(40) + b"(" + text("storage") + b"ctorch\nFloatStorage\nh\x28tQ.",
    "keys of one hash": START + b"}(" + b"".join(number(k * (2**61 - 1)) + b"K\1" for k in range(4, 20_000)) + b"u.",
    "tuples as keys": START + b"}(" + b"".join(key + b"N" for key in TUPLES) + b"u.",
    "too many steps": START + b"](" + b"N" * (MOST_STEPS + 10) + b"e.",
    "a byte array": START + call("builtins bytearray", number(3_000_000_000)) + b".",
    "text in a slow code": START + call("_codecs encode", text("\u0416" * 9), text("punycode")) + b".",
    "a tensor of any size": START + call("torch FloatTensor", number(3_000_000_000)) + b".",
    "the same by another split": START + call("torch.cuda FloatTensor", number(3_000_000_000)) + b".",
    "a call by a call": START + call("torch _tensor._rebuild_from_type_v2", b"cbuiltins\nbytearray\nNNN") + b".",
}


@pytest.mark.parametrize("form", ["archive", "before 1.6"])
@pytest.mark.parametrize("kind", BAD)
def test_it_is_refused_before_it_is_unpacked(kind, form, tmp_path):
    path = tmp_path / "a.pth"
    if form == "archive":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("a/data.pkl", BAD[kind])
            archive.writestr("a/version", "3\n")
    else:
        path.write_bytes(b"".join(LEGACY) + BAD[kind])
    says = r"^a\.pth (takes too long to unpack|calls [\w.]+ while)"
    with bounded(4.0, 200), pytest.raises(xai.ModelError, match=says):
        read_state(path)


def test_what_trainings_keep_is_read(tmp_path):
    net = torch.nn.Sequential(torch.nn.Conv2d(3, 8, 3), torch.nn.BatchNorm2d(8))
    optimiser = torch.optim.Adam(net.parameters())
    net(torch.zeros(1, 3, 8, 8)).sum().backward()
    optimiser.step()
    beside = {
        "optimizer": optimiser.state_dict(),
        "losses": list(np.random.default_rng(0).random(50_000)),  # NumPy's numbers are written as text
        "names": tuple(f"class {k}" for k in range(1_000)),
        "generator": np.random.default_rng(0).bit_generator.state,  # with numbers of 128 bits
        "seen": {(k, k + 1) for k in range(1_000)},
        "counts": collections.Counter("abc"),
        "ordered": collections.OrderedDict(a=1),
    }
    plain = {"state_dict": net.state_dict(), **beside, "losses": [float(one) for one in beside["losses"]]}
    for place, (content, zipped) in enumerate([(plain, True), (plain, False), (net.state_dict(), False)]):
        path = tmp_path / f"{place}.pth"
        torch.save(content, path, _use_new_zipfile_serialization=zipped)
        with bounded(2.0, 200):
            assert set(read_state(path)) == set(net.state_dict())
    numbers = io.BytesIO(pickle.dumps(beside | {"optimizer": None, "losses": beside["losses"][:2_000]}, 2))
    check_pickles(numbers, "a")  # says nothing


def test_what_is_no_pickle_is_left_to_torch():
    for content in (b"", b"no pickle", START + b"R.", START + b"h\x07.", START + b"(\x86."):
        check_pickles(io.BytesIO(content), "a")
