"""Logs of trainings, and tables of predictions beside them."""

import struct

import numpy as np

from xai_core.records.event_files import masked_crc


def number(value):
    """A whole number as protobuf writes it."""
    found = bytearray()
    while value > 127:
        found.append(value & 127 | 128)
        value >>= 7
    return bytes([*found, value])


def field(place, content):
    """Bytes, a text or a message in a message of protobuf."""
    return number(place << 3 | 2) + number(len(content)) + content


def event(step, tag, value):
    """A record of an event file with one scalar."""
    return logged(step, field(1, tag.encode()) + number(2 << 3 | 5) + struct.pack("<f", value))


def logged(step, value):
    """A record of an event file with one value, as protobuf writes it."""
    content = number(2 << 3) + number(step) + field(5, field(1, value))
    head = struct.pack("<Q", len(content))
    return head + struct.pack("<I", masked_crc(head)) + content + struct.pack("<I", masked_crc(content))


def record(folder, epochs=(1, 2, 3), **columns):
    """A table of three pictures at some epochs."""
    more = "".join(f",{title}" for title in columns)
    lines = [f"epoch,picture,label,predicted{more}"]
    for place, epoch in enumerate(epochs):
        values = "".join(f",{column[place]}" for column in columns.values())
        lines += [f"{epoch},{one},{one % 2},{(one + epoch) % 2}{values}" for one in range(3)]
    path = folder / "log.csv"
    path.write_text("\n".join(lines))
    return path


def figures(run):
    """Those of the epochs of a run that are known."""
    return {name: values for name, values in run.log.to_dict("list").items() if not np.isnan(values).all()}
