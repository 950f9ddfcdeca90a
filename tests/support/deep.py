"""Pictures with 16 bits in each colour, which Pillow cannot write."""

import io
import struct
import zlib

import numpy as np
from PIL import Image


def png16(values):
    """A PNG of uint16 (H, W, K), K channels: 1 grey, 2 grey and opacity, 3 RGB, 4 RGBA."""

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    height, width, channels = values.shape
    kind = {1: 0, 2: 4, 3: 2, 4: 6}[channels]
    lines = b"".join(b"\0" + line.astype(">u2").tobytes() for line in values)
    header = struct.pack(">IIBBBBB", width, height, 16, kind, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")


def tiff16(values, order="<"):
    """A TIFF of uint16 (H, W, 3), not compressed; `order` "<" or ">" is that of its bytes."""
    height, width, channels = values.shape
    data = values.astype(f"{order}u2").tobytes()
    entries = [
        (256, 3, 1, width),
        (257, 3, 1, height),
        (258, 3, channels, None),
        (259, 3, 1, 1),
        (262, 3, 1, 2),
        (273, 4, 1, None),
        (277, 3, 1, channels),
        (278, 3, 1, height),
        (279, 4, 1, len(data)),
    ]
    after = 8 + 2 + 12 * len(entries) + 4
    bits = struct.pack(f"{order}{channels}H", *[16] * channels)
    places = {258: after, 273: after + len(bits)}
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}I", 8)
    directory = struct.pack(f"{order}H", len(entries))
    for tag, kind, count, value in entries:
        value = places.get(tag, value)
        body = struct.pack(f"{order}I", value) if kind == 4 or tag in places else struct.pack(f"{order}HH", value, 0)
        directory += struct.pack(f"{order}HHI", tag, kind, count) + body
    return head + directory + struct.pack(f"{order}I", 0) + bits + data


def encoded(image, kind="PNG", **options):
    """An image, or an array, as a file's content."""
    buffer = io.BytesIO()
    (image if isinstance(image, Image.Image) else Image.fromarray(np.asarray(image))).save(buffer, kind, **options)
    return buffer.getvalue()
