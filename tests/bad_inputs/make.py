"""Bad inputs of every kind, made by code: for each, how it is opened and what must come of it.

`make(folder)` writes them and tells of them. By hand: python -m tests.bad_inputs.make FOLDER
"""

from __future__ import annotations

import gzip
import io
import json
import os
import pickle
import struct
import sys
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import torch
from PIL import Image, ImageCms

import xai_core as xai
from tests.support.limits import SECONDS
from xai_core.batch.store import StudyFolder
from xai_core.errors import printable
from xai_core.models.architectures import architecture
from xai_core.models.checkpoints import Description, to_checkpoint
from xai_core.records import PictureSource, RunWriter
from xai_core.types import Preprocessing

KINDS = ("picture", "mask", "folder", "checkpoint", "run", "study", "settings")
VIEW = Preprocessing(32, 32)
NET = "small_resnet"
DAMAGED = "is damaged or cut off and cannot be decoded."
NO_PICTURE = "is not a picture of a kind that is read here"
TOO_MANY = "has far too many pixels; at most 100 million are read."
UNREADABLE = "cannot be read as a checkpoint; it is damaged or cut off."
MARKUP = {
    "html": "<img src=x onerror=alert(1)>.png",
    "script": "<script>alert(1)<\\script>.png",
    "bold": "**bold** _and_ `code`.png",
    "formula": "$x^2$ and $$y$$.png",
    "colour": ":red[x] :material/home: :smile:.png",
    "link": "[click](javascript:alert(1)) ![](x).png",
    "lines": "# one\n## two\r\n- three.png",
    "right to left": "\u202egnp.exe",
    "long": "n" * 296 + ".png",
    "dot": ".hidden.png",
    "dash": "-rf.png",
    "emoji": "🦄 ﷽ z̷͖a.png",
    "path": "..\\..\\etc\\passwd.png",
    "escaped": "&lt;b&gt; &amp; \\*x\\*.png",
}


@dataclass(frozen=True)
class Case:
    """One bad input.

    Attributes
    ----------
    name, kind : unique; one of KINDS
    open : opens it through the public functions and describes what came out
    error : what is raised, or None where the input is fine after all
    says : a part of the error's sentence, or all of what came out
    page, address : the page that takes it, and how it is asked for; no page where none does
    upload : (name, content), if it is handed in there
    on_page : parts of what the page says; as `says` if there are none and the input is refused
    seconds : of processor time that opening it may take
    skip : why it cannot be tried here
    """

    name: str
    kind: str
    open: Callable[[], str] | None
    error: type[xai.XaiError] | None
    says: str
    page: str = ""
    address: dict[str, str] = field(default_factory=dict)
    upload: tuple[str, bytes] | None = None
    on_page: tuple[str, ...] = ()
    seconds: float = SECONDS
    skip: str = ""


def noise(height: int = 40, width: int = 48, channels: int = 3) -> np.ndarray:
    return np.random.default_rng(7).integers(0, 256, (height, width, channels), dtype=np.uint8)


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


PICTURE = Image.fromarray(noise())


def png_chunk(kind: bytes, body: bytes, *, crc: int | None = None) -> bytes:
    said = zlib.crc32(kind + body) if crc is None else crc
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", said)


def png(
    width: int, height: int, *chunks: bytes, colour: int = 2, bits: int = 8, data: bytes = b"", crc: int | None = None
) -> bytes:
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0), crc=crc)
    body = png_chunk(b"IDAT", data or zlib.compress(bytes(10)))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(chunks) + body + png_chunk(b"IEND", b"")


def tiff(*entries: tuple[int, int, int, int], following: int = 0, rest: bytes = b"") -> bytes:
    """A TIFF of one directory: (tag, type, count, value) each; `following` is where the next one lies."""
    rows = b"".join(struct.pack("<HHII", *entry) for entry in sorted(entries))
    return b"II*\0" + struct.pack("<IH", 8, len(entries)) + rows + struct.pack("<I", following) + rest


def tiff_grey(width: int, height: int, *, offset: int = 512, size: int = 0, following: int = 0) -> bytes:
    entries = [
        (256, 4, 1, width),
        (257, 4, 1, height),
        (258, 3, 1, 8),
        (259, 3, 1, 1),
        (262, 3, 1, 1),
        (273, 4, 1, offset),
        (277, 3, 1, 1),
        (278, 4, 1, height),
        (279, 4, 1, size or width * height),
    ]
    return tiff(*entries, following=following).ljust(512, b"\0") + bytes(min(width * height, 4096))


def tiff_pages(count: int) -> bytes:
    """A TIFF of so many pages of a pixel."""
    page = tiff_grey(1, 1, offset=8)[8:512]
    size = len(page)
    end = page.rindex(struct.pack("<I", 1)) + 4  # behind the last entry stands where the next page lies
    pages = (
        page[:end] + struct.pack("<I", 8 + size * number if number < count else 0) + page[end + 4 :]
        for number in range(1, count + 1)
    )
    return b"II*\0" + struct.pack("<I", 8) + b"".join(pages)


def tiled_bomb() -> bytes:
    """16 x 16 pixels in one tile of 32,000 x 32,000."""
    entries = [
        (256, 4, 1, 16),
        (257, 4, 1, 16),
        (258, 3, 1, 8),
        (259, 3, 1, 8),
        (262, 3, 1, 1),
        (277, 3, 1, 1),
        (322, 4, 1, 32_000),
        (323, 4, 1, 32_000),
        (324, 4, 1, 512),
        (325, 4, 1, 16),
    ]
    return tiff(*entries).ljust(512, b"\0") + zlib.compress(bytes(16))


def gif(frames: int) -> bytes:
    head = b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    return head + (b"," + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\x00") * frames + b";"


def bmp(width: int, height: int) -> bytes:
    return (
        b"BM"
        + struct.pack("<IHHI", 1000, 0, 0, 54)
        + struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0)
        + bytes(64)
    )


def jpeg_claiming(width: int, height: int) -> bytes:
    whole = bytearray(encoded(PICTURE, "JPEG"))
    at = whole.index(b"\xff\xc0")
    whole[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(whole)


def webp_claiming(width: int, height: int) -> bytes:
    def three(number: int) -> bytes:
        return (number - 1).to_bytes(3, "little")

    body = b"WEBPVP8X" + struct.pack("<I", 10) + bytes(4) + three(width) + three(height)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def zipped(**files: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def exif(orientation: int) -> Image.Exif:
    found = Image.Exif()
    found[0x0112] = orientation
    return found


def sample_text(sample: xai.Sample) -> str:
    """A sample as a person would tell of it."""
    height, width = sample.pixels.shape[:2]
    assert VIEW.prepare(sample).pixels.shape == (32, 32, 3)
    said = f"{width} x {height}"
    if sample.mask is not None:
        values, counts = np.unique(sample.mask, return_counts=True)
        said += ", mask " + ", ".join(f"{v}: {c}" for v, c in zip(values.tolist(), counts.tolist(), strict=True))
    return "; ".join([said, *sample.notes])


def pictures() -> list[Case]:
    cases = []

    def add(name: str, content: bytes, says: str, *, file: str = "", refused: bool = True) -> None:
        file = file or f"{name}.jpg"

        def open_it() -> str:
            return sample_text(xai.from_uploads([(file, content)])[0])

        cases.append(
            Case(
                name,
                "picture",
                open_it,
                xai.PictureError if refused else None,
                says,
                "layer_explorer",
                upload=(file, content),
                seconds=5.0 if "million" in name else SECONDS,
            )
        )

    def fine(name: str, content: bytes, says: str, *, file: str = "") -> None:
        add(name, content, says, file=file, refused=False)

    for kind in ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "PPM"):
        whole = encoded(PICTURE, kind)
        if kind != "TIFF":  # whose directory may lie at the end
            says = DAMAGED if kind in ("JPEG", "PPM") else NO_PICTURE
            add(f"{kind} cut off in its header", whole[:7], says)
        add(f"{kind} cut off in the middle", whole[: len(whole) // 2], DAMAGED)
        add(f"{kind} cut off near its end", whole[: len(whole) * 9 // 10], DAMAGED)
    bent = bytearray(encoded(PICTURE))
    bent[400:420] = bytes(20)
    add("PNG with damaged pixels", bytes(bent), DAMAGED)
    add("zero bytes", b"", "is empty (0 bytes).")
    add("random bytes", np.random.default_rng(1).bytes(5000), NO_PICTURE)
    add("zeros", bytes(5000), NO_PICTURE)
    others = {
        "text": b"Dear diary, today I renamed a file.",
        "web page": b"<!DOCTYPE html><html><script>alert(1)</script></html>",
        "SVG": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'><circle r='9'/></svg>",
        "PDF": b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF",
        "PostScript, which Pillow would give to a program": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
        "ZIP": zipped(picture=encoded(PICTURE)),
        "gzip of a PNG": gzip.compress(encoded(PICTURE), mtime=0),
        "program": b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0" + bytes(200),
        "ELF": b"\x7fELF\x02\x01\x01" + bytes(200),
        "icon": encoded(PICTURE.resize((16, 16)), "ICO"),
        "pickle": pickle.dumps({"a": 1}),
    }
    for name, content in others.items():
        add(f"{name} named .jpg", content, NO_PICTURE)
    claims = {
        "PNG": png(2**31 - 1, 2**31 - 1),
        "BMP": bmp(2**30, 2**30),
        "GIF": b"GIF89a"
        + struct.pack("<HHBBB", 65535, 65535, 0x80, 0, 0)
        + bytes(6)
        + b","
        + struct.pack("<HHHHB", 0, 0, 65535, 65535, 0)
        + b"\x02\x02\x44\x01\0;",
        "TIFF": tiff_grey(10**6, 10**6, size=100),
        "JPEG": jpeg_claiming(65500, 65500),
        "WEBP": webp_claiming(16383, 16383),
        "PPM": b"P6 99999 99999 255\n" + bytes(30),
    }
    for kind, content in claims.items():
        add(f"{kind} that claims a huge size", content, TOO_MANY)
    add("PNG just above the limit", png(10_000, 11_000), "has 10,000 x 11,000 pixels; at most 100 million are read.")
    fine(
        "56 million pixels in a small file",
        png(7000, 8000, colour=0, data=zlib.compress(bytes(8000 * 7001), 1)),
        "3500 x 4000; scaled down from 7,000 x 8,000 pixels",
    )
    add("BMP of a negative width", bmp(-5, 5), TOO_MANY)
    add("PNG without pixels", png(0, 5), NO_PICTURE)
    fine(
        "PNG with 100 MB of zeros behind 64 x 64 pixels",
        png(64, 64, data=zlib.compress(bytes(100 << 20), 1)),
        "64 x 64",
    )
    fine(
        "49 million pixels in a small file",
        png(7000, 7000, colour=0, data=zlib.compress(bytes(7000 * 7001), 1)),
        "7000 x 7000",
    )
    huge_text = png_chunk(b"zTXt", b"k\0\0" + zlib.compress(bytes(50 << 20), 1))
    add("PNG whose text grows to 50 MB", png(4, 4, huge_text), DAMAGED)
    huge_profile = png_chunk(b"iCCP", b"k\0\0" + zlib.compress(bytes(50 << 20), 1))
    add("PNG whose profile grows to 50 MB", png(4, 4, huge_profile), DAMAGED)
    fine("1 x 100,000", encoded(Image.new("RGB", (100_000, 1))), "100000 x 1")
    fine("100,000 x 1", encoded(Image.new("RGB", (1, 100_000))), "1 x 100000")
    fine("one pixel", encoded(Image.new("RGB", (1, 1))), "1 x 1")
    fine("300,000 frames", gif(300_000), "1 x 1; first of several frames")
    fine("10,000 pages", tiff_pages(10_000), "1 x 1; first of several frames")
    fine("TIFF whose pages go round", tiff_grey(4, 4, following=8), "4 x 4")
    add("TIFF whose pixels lie beyond its end", tiff_grey(40, 40, offset=10**9), DAMAGED)
    fine("TIFF that says its strip has 4 GB", tiff_grey(40, 40, size=2**32 - 1), "40 x 40")
    add(
        "TIFF with a tile of a thousand million pixels",
        tiled_bomb(),
        "has a tile of 1,024,000,000 pixels; at most 100 million.",
    )
    nothing = np.ones((4, 5), np.float32)
    nothing[1, 2] = np.nan
    add("TIFF with NaN", encoded(Image.fromarray(nothing), "TIFF"), "holds NaN or infinite values.")
    nothing[1, 2] = np.inf
    add("TIFF with infinity", encoded(Image.fromarray(nothing), "TIFF"), "holds NaN or infinite values.")
    add("PNG with a wrong check sum of its header", png(4, 4, crc=1), NO_PICTURE)
    broken = encoded(PICTURE).replace(b"IDAT", b"IDAT\0", 1)
    add("PNG with a shifted part", broken, DAMAGED)
    fine("EXIF of garbage", encoded(PICTURE, "JPEG", exif=b"Exif\0\0" + bytes(range(200))), "48 x 40")
    fine("EXIF that says 99", encoded(PICTURE, "JPEG", exif=exif(99)), "48 x 40")
    fine("EXIF that says turned", encoded(PICTURE, "JPEG", exif=exif(6)), "40 x 48; turned upright as its EXIF says")
    fine("broken colour profile", encoded(PICTURE, icc_profile=b"no profile at all"), "48 x 40")
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    fine("colour profile cut off", encoded(PICTURE, "JPEG", icc_profile=srgb[:99]), "48 x 40")
    fine("PNG named .jpg", encoded(PICTURE), "48 x 40")
    fine("WebP named .txt", encoded(PICTURE, "WEBP"), "48 x 40", file="notes.txt")
    fine("bytes behind the end", encoded(PICTURE) + b"<?php system('id') ?>", "48 x 40")
    deep = np.arange(20, dtype=np.uint16).reshape(4, 5) * 3000
    fine("16 bits", encoded(Image.fromarray(deep)), "5 x 4; scaled to 8 bits")
    fine(
        "49 million pixels of 16 bits",
        png(7000, 7000, colour=0, bits=16, data=zlib.compress(bytes(7000 * 14001), 1)),
        "7000 x 7000; scaled to 8 bits",
    )
    moving = [Image.new("L", (6, 4), 90 * i) for i in range(3)]
    fine("moving GIF", encoded(moving[0], "GIF", save_all=True, append_images=moving[1:]), "6 x 4; first of 3 frames")
    fine("CMYK", encoded(PICTURE.convert("CMYK"), "JPEG"), "48 x 40; CMYK converted to RGB")
    palette = Image.fromarray(noise()[..., 0], "L").convert("P")
    fine(
        "palette with a transparent colour",
        encoded(palette, transparency=noise()[0, 0, 0].item()),
        "48 x 40; transparent parts on white",
    )
    fine("palette without colours", png(4, 4, colour=3, data=zlib.compress(bytes(4 * 5))), "4 x 4")
    for name, file in MARKUP.items():
        fine(f"{name} in the name", encoded(PICTURE), "48 x 40", file=file)
        add(f"{name} in the name of a bad file", b"no picture", f"{printable(file)} {NO_PICTURE}", file=file)
    return cases


def put(path: Path, content: bytes | Image.Image) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else encoded(content))
    return path


def level(value: int, size: tuple[int, int] = (48, 40)) -> Image.Image:
    return Image.new("L", size, value)


def first_of(root: Path) -> Callable[[], str]:
    """What is said of the first picture of a folder, and what was passed over."""

    def open_it() -> str:
        found = xai.load_dataset(root)
        skipped = [f"{problem.name}: {problem.reason}" for problem in found.skipped]
        return "; ".join([sample_text(found[0]), *skipped])

    return open_it


def masks(folder: Path) -> list[Case]:
    cases = []

    def add(name: str, says: str, *files: tuple[str, bytes | Image.Image], on_page: tuple[str, ...] = ()) -> None:
        root = folder / "masks" / name.replace(" ", "_")
        put(root / "images" / "a.png", PICTURE)
        (root / "masks").mkdir()
        for file, content in files:
            put(root / file, content)
        notes = tuple(part for part in says.split("; ")[1:] if "mask" in part and ": " in part)
        cases.append(
            Case(
                name,
                "mask",
                first_of(root),
                None,
                says,
                "layer_explorer",
                {"path": str(root)},
                on_page=on_page or notes[:1],
            )
        )

    def one(name: str, content: bytes | Image.Image, says: str) -> None:
        add(name, f"48 x 40{says}", ("masks/a.png", content))

    half = level(0)
    half.paste(1, (0, 0, 24, 40))
    one("half", half, ", mask 0: 960, 1: 960")
    one("all background", level(0), ", mask 0: 1920")
    one("all foreground", level(1), ", mask 1: 1920")
    one("all 255", level(255), ", mask 1: 1920")
    open_part = level(255)
    open_part.putpixel((0, 0), 1)
    note = "its mask holds 2 values: all but 0 count as foreground, but 255 is left open "
    note += "(neither foreground nor background)"
    one("all but one left open", open_part, f", mask 1: 1, 255: 1919; {note}")
    one(
        "smaller",
        half.resize((24, 20), Image.Resampling.NEAREST),
        ", mask 0: 960, 1: 960; its mask resized from 24 x 20 pixels",
    )
    one(
        "another shape",
        level(1, (40, 48)),
        "; no mask: masks/a.png has 40 x 48 pixels, another shape than the picture's 48 x 40.",
    )
    one("colour noise", PICTURE, ", mask 1: 1920; its mask holds 1920 values: all but 0 count as foreground")
    one(
        "JPEG in colours",
        encoded(PICTURE, "JPEG"),
        "; no mask: masks/a.png is a JPEG in colours, which changes them; save it as PNG.",
    )
    one("cut off mask", encoded(PICTURE)[:900], f"; no mask: masks/a.png {DAMAGED}")
    one("empty mask", b"", "; no mask: masks/a.png is empty (0 bytes).")
    one("text as mask", b"mask", f"; no mask: masks/a.png {NO_PICTURE} (JPEG, PNG, WEBP, BMP, GIF, TIFF, PPM).")
    one("huge mask", png(2**31 - 1, 2**31 - 1), f"; no mask: masks/a.png {TOO_MANY} Scale it down first.")
    one(
        "NaN mask",
        encoded(Image.fromarray(np.full((40, 48), np.nan, np.float32)), "TIFF"),
        "; no mask: masks/a.png holds NaN or infinite values.",
    )
    one(
        "values beyond 32 bits", encoded(Image.fromarray(np.full((40, 48), 1e30, np.float32)), "TIFF"), ", mask 1: 1920"
    )
    pair = ("masks/a.png", half)
    add(
        "no partner",
        "48 x 40, mask 0: 960, 1: 960; images/b.png: masks/ has no mask named 'b' for it.",
        pair,
        ("images/b.png", PICTURE),
        on_page=("1 file was left out",),
    )
    add(
        "two partners",
        "48 x 40, mask 0: 960, 1: 960; masks/a.tif: masks/a.png is used instead.",
        pair,
        ("masks/a.tif", encoded(half, "TIFF")),
        on_page=("1 file was left out",),
    )
    return cases


def folders(folder: Path) -> list[Case]:
    root = folder / "folders"
    cases = []

    def add(
        name: str,
        open_it: Callable[[], str],
        says: str,
        error: type[xai.XaiError] | None = xai.DataError,
        path: Path | str = "",
        skip: str = "",
        on_page: tuple[str, ...] = (),
    ) -> None:
        cases.append(
            Case(
                name,
                "folder",
                open_it,
                error,
                says,
                "layer_explorer" if path else "",
                {"path": str(path)},
                skip=skip,
                on_page=on_page,
            )
        )

    def there(name: str) -> Path:
        (root / name).mkdir(parents=True)
        return root / name

    def case(
        name: str, place: Path, says: str, error: type[xai.XaiError] | None = xai.DataError, **more: object
    ) -> None:
        add(name, first_of(place), says, error, place, **more)

    nothing = "holds no pictures. Expected one folder for each class with pictures in it, or pictures."
    case("empty folder", there("empty"), nothing)
    case("folder that is not there", root / "gone", "There is no folder or file")
    case(
        "file in place of a folder",
        put(root / "file.doc", PICTURE),
        "file.doc' is neither a folder nor a file that lists pictures or holds them (.arrow, .csv, ",
    )
    locked = there("locked")
    put(locked / "a.png", PICTURE)
    locked.chmod(0)
    case(
        "folder without leave to read",
        locked,
        "cannot be read: Permission denied.",
        skip="root may read every folder" if os.geteuid() == 0 else "",
    )
    sealed = there("sealed")
    put(sealed / "a.png", PICTURE).chmod(0)
    case(
        "picture without leave to read",
        sealed,
        "a.png cannot be opened: Permission denied.",
        xai.PictureError,
        skip="root may read every file" if os.geteuid() == 0 else "",
    )
    loop = there("loop")
    (loop / "again").symlink_to(loop, target_is_directory=True)
    (loop / "one.png").symlink_to("two.png")
    (loop / "two.png").symlink_to("one.png")
    case("links in a circle", loop, nothing)
    dangling = there("dangling")
    (dangling / "a.png").symlink_to(root / "nowhere.png")
    case("link to nothing", dangling, nothing)
    pipe = there("pipe")
    os.mkfifo(pipe / "a.png")
    case("pipe that nobody writes to", pipe, nothing)
    device = there("device")
    (device / "a.png").symlink_to("/dev/zero")
    case("link to endless zeros", device, nothing)
    sparse = there("sparse")
    with (sparse / "a.png").open("wb") as file:
        file.write(encoded(PICTURE))
        file.truncate(64 << 30)
    case("picture of 64 GB", sparse, "a.png has 68,719 MB; at most 400 are read.", xai.PictureError)
    many = there("many")
    for number in range(1000):
        (many / f"class {number:03d}").mkdir()
    case("1,000 empty classes", many, nothing)
    cases_differ = there("case")
    put(cases_differ / "Cat" / "a.png", PICTURE)
    put(cases_differ / "cat" / "a.png", PICTURE)

    def labels() -> str:
        return ", ".join(xai.load_dataset(cases_differ).labels)

    add("classes that differ in case", labels, "Cat, cat", None, cases_differ)
    odd = there("odd")
    put(odd / "<b>x</b>".replace("/", "∕") / "$a$ **b**.png", PICTURE)
    put(odd / "\udcff\udcfe" / "c.png", PICTURE)
    case("names that are no text", odd, "48 x 40", None)
    pairs = there("pairs")
    for name in ("images", "masks"):
        put(pairs / name / "\udcff" / "\udcfe.png", level(1))
    case("names of masks that are no text", pairs, "48 x 40, mask 1: 1920", None)
    tiny = there("tiny")
    (tiny / "val").mkdir()
    put(tiny / "wnids.txt", b"\xff\xfe\0\xd8")
    put(tiny / "val" / "val_annotations.txt", b"\xff\xfe\0\xd8")
    case("tables of Tiny ImageNet that are no text", tiny, "cannot be read, and the layout of Tiny ImageNet needs it.")
    outside = there("outside")
    (outside / "val" / "images").mkdir(parents=True)
    put(outside / "wnids.txt", b"n00000001\n")
    put(outside / "val" / "val_annotations.txt", b"../../../../../etc/passwd\tn00000001\t0\t0\t1\t1\n")
    case("table that leads out", outside, "lists no picture that is there.")
    boxes = there("boxes")
    put(boxes / "wnids.txt", b"n00000001\n")
    put(boxes / "val" / "images" / "a.png", PICTURE)
    put(boxes / "val" / "val_annotations.txt", b"a.png\tn00000001\t-9\t99999999999999999999\t-1\t5\n")
    case("boxes beyond the picture", boxes, "48 x 40, mask 0: 1920", None)
    voc = there("VOCdevkit") / "VOC2012"
    for name in ("JPEGImages", "SegmentationClass", "ImageSets/Segmentation"):
        (voc / name).mkdir(parents=True)
    put(voc / "JPEGImages" / "a.jpg", encoded(PICTURE, "JPEG"))
    put(voc / "SegmentationClass" / "a.png", PICTURE)
    put(voc / "ImageSets" / "Segmentation" / "val.txt", b"a\n../../../a\nb\n")
    case("VOC with masks of other colours", voc.parent, "lists no picture that is there with a mask of VOC's classes.")
    for name, path, says in (
        ("path with a zero byte", "a\0b", "is neither a folder nor one of the data sets"),
        ("path in nobody's home", "~nobody-of-that-name/a", "There is no folder or file"),
        ("path of 5,000 letters", "/" + "a" * 5000, "There is no folder or file"),
        ("path of half a letter", "/\ud800", "There is no folder or file"),
    ):
        add(name, lambda path=path: str(len(xai.load_dataset(path))), says)
    return cases


class Bomb:
    """What a pickle does when it is opened as Python would: it leaves a mark."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return Path.touch, (self.mark,)


def safetensors(header: object, body: bytes = b"", length: int | None = None) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + body


def tensor(shape: list[int], ends: list[int], dtype: str = "F32") -> dict[str, object]:
    return {"dtype": dtype, "shape": shape, "data_offsets": ends}


def saved(content: object, **options: object) -> bytes:
    buffer = io.BytesIO()
    torch.save(content, buffer, **options)
    return buffer.getvalue()


def checkpoints(folder: Path) -> list[Case]:
    root = folder / "checkpoints"
    torch.manual_seed(0)
    net = architecture(NET).build(3)
    state = net.state_dict()
    head, first = "linear.weight", "conv1.weight"
    names = ("ant", "bee", "cat")
    cases = []

    def add(
        name: str,
        file: str,
        content: bytes,
        says: str,
        *,
        names: tuple[str, ...] | None = None,
        arch: str | None = NET,
        error: type[xai.XaiError] | None = xai.ModelError,
    ) -> None:
        path = put(root / f"{len(cases):02d}_{file}", content)

        def open_it() -> str:
            model = xai.load_model(path, architecture=arch, class_names=names, device="cpu")
            return f"{len(model.class_names)} classes"

        address = {"weights": str(path), "arch": architecture(NET).title} | (
            {"classes": "\n".join(names)} if names else {}
        )
        # What fits no architecture is compared with all of them, which are listed once: a second or two.
        page = "layer_explorer" if arch else ""
        cases.append(Case(name, "checkpoint", open_it, error, says, page, address, seconds=2 * SECONDS))

    def changed(name: str, says: str, changes: dict[str, torch.Tensor | None], **more: object) -> None:
        other = {key: value for key, value in (state | changes).items() if value is not None}
        add(name, "weights.pth", saved(other), says, **more)

    refused = "It was refused, since loading such a file can run any code in it."
    mark = root / "mark"
    add("pickle with code", "a.pth", pickle.dumps({"state_dict": Bomb(mark)}), refused)
    add("zipped pickle with code", "a.pth", saved({"state_dict": state, "optimizer": Bomb(mark)}), refused)
    add("old pickle with code", "a.pt", saved({"x": Bomb(mark)}, _use_new_zipfile_serialization=False), refused)
    add("whole network", "a.pth", saved(net), refused)
    add("pickle with code named .safetensors", "a.safetensors", pickle.dumps(Bomb(mark)), UNREADABLE)
    whole = saved(state)
    add("cut off in the middle", "a.pth", whole[: len(whole) // 2], UNREADABLE)
    add("cut off near its end", "a.pth", whole[:-30], UNREADABLE)
    add("no bytes", "a.pth", b"", UNREADABLE)
    no_checkpoint = "is no checkpoint: neither what torch.save writes, nor safetensors."
    add("text as weights", "a.pth", b"weights", no_checkpoint)
    add("zip without data", "a.pth", zipped(**{"archive/data.txt": b"x"}), UNREADABLE)
    add("zip whose pickle is missing its numbers", "a.pth", zip_without(whole, "/data/0"), UNREADABLE)
    add("picture as weights", "a.pth", encoded(PICTURE), no_checkpoint)
    add("list", "a.pth", saved([1, 2]), "holds no state dict.")
    add("numbers in place of tensors", "a.pth", saved({"a": 1.0}), "holds no state dict.")
    good = to_checkpoint(net, Description(NET, names, architecture(NET).preprocessing))
    size = struct.unpack("<Q", good[:8])[0]
    add("header beyond the file", "a.safetensors", struct.pack("<Q", 10**6) + good[8:], UNREADABLE)
    add("header of a negative length", "a.safetensors", struct.pack("<q", -1) + good[8:], UNREADABLE)
    add("header of 2**62 bytes", "a.safetensors", struct.pack("<Q", 2**62) + good[8:], UNREADABLE)
    add("header that is not JSON", "a.safetensors", safetensors(b"{not json}"), UNREADABLE)
    add("header of deep nesting", "a.safetensors", safetensors(b'{"a":' * 50_000), "at most 10,000 are read.")
    add("header that is a list", "a.safetensors", safetensors([]), UNREADABLE)
    add("safetensors cut off", "a.safetensors", good[: 8 + size + 100], UNREADABLE)
    add(
        "overlapping tensors",
        "a.safetensors",
        safetensors({"a": tensor([2], [0, 8]), "b": tensor([2], [4, 12])}, bytes(12)),
        UNREADABLE,
    )
    add("tensor beyond the file", "a.safetensors", safetensors({"a": tensor([2], [0, 8])}, bytes(4)), UNREADABLE)
    add(
        "tensor that ends before it begins",
        "a.safetensors",
        safetensors({"a": tensor([2], [8, 0])}, bytes(8)),
        UNREADABLE,
    )
    add(
        "shape that overflows",
        "a.safetensors",
        safetensors({"a": tensor([2**33, 2**33], [0, 8])}, bytes(8)),
        UNREADABLE,
    )
    add("type that is none", "a.safetensors", safetensors({"a": tensor([2], [0, 8], "F31")}, bytes(8)), UNREADABLE)
    twice = (
        b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'
    )
    add("name twice in the header", "a.safetensors", safetensors(twice, bytes(4)), "it has no tensor 'linear.weight'")
    says = json.loads(good[8 : 8 + size])
    bits = {**says, first: {**says[first], "dtype": "I32"}}
    add("whole numbers as weights", "a.safetensors", safetensors(bits, good[8 + size :]), "3 classes", error=None)
    for name, change, sentence, error in (
        (
            "input of 100,000 pixels",
            {"resize": 10**5, "crop": 10**5},
            "asks for pictures of 100000 pixels a side",
            xai.ModelError,
        ),
        ("input of no pixels", {"resize": 0, "crop": 0}, "3 classes", None),
    ):
        said = json.loads(says["__metadata__"]["xai_core"])
        said["preprocessing"] |= change
        other = {**says, "__metadata__": {"xai_core": json.dumps(said)}}
        add(name, "a.safetensors", safetensors(other, good[8 + size :]), sentence, error=error)
    add("no architecture", "a.pth", whole, "3 classes", arch=None, error=None)  # it is found
    other = architecture("resnet20_cifar").build(3).state_dict()
    add("another architecture", "a.pth", saved(other), "does not fit Small ResNet for 64 x 64")
    changed("missing tensor", "it has no tensor 'bn1.bias'", {"bn1.bias": None})
    changed("further tensor", "it has 1 further tensors, first 'extra'", {"extra": torch.zeros(1)})
    changed("wrong shape", "has the shape (1, 2), expected (16, 3, 3, 3)", {first: torch.zeros(1, 2)})
    changed("NaN", "holds NaN or infinite values", {first: torch.full_like(state[first], torch.nan)})
    changed("infinity", "holds NaN or infinite values", {head: torch.full_like(state[head], torch.inf)})
    changed(
        "no classes",
        "has the shape (0, 96), not (classes, ...)",
        {head: torch.zeros(0, 96), "linear.bias": torch.zeros(0)},
    )
    changed(
        "a thousand million classes out of one number",
        "holds no plain numbers in its tensor 'linear.weight'",
        {head: torch.zeros(1, 1).expand(10**9, 96), "linear.bias": torch.zeros(1).expand(10**9)},
    )
    changed(
        "tensor without numbers",
        "holds no plain numbers in its tensor 'conv1.weight'",
        {first: torch.empty(16, 3, 3, 3, device="meta")},
    )
    changed("sparse tensor", "holds no plain numbers in its tensor 'linear.weight'", {head: state[head].to_sparse()})
    changed(
        "complex numbers",
        "holds no plain numbers in its tensor 'conv1.weight'",
        {first: state[first].to(torch.complex64)},
    )
    for name, given, sentence in (
        ("too few class names", ("ant", "bee"), "has 3 classes (its tensor 'linear.weight' has 3 rows), but 2 class"),
        ("too many class names", (*names, "dog"), "has 3 classes (its tensor 'linear.weight' has 3 rows), but 4 class"),
        ("class name twice", ("ant", "bee", "ant"), "The class name 'ant' is given twice"),
    ):
        add(name, "a.pth", whole, sentence, names=given)
    markup = ("<img src=x onerror=alert(1)>", "**bold** $x$", ":red[x]")
    add("markup as class names", "a.pth", whole, "3 classes", names=markup, error=None)
    wide = {head: torch.zeros(20_000, 96), "linear.bias": torch.zeros(20_000)}
    said = Description(NET, tuple(str(i // 2) for i in range(20_000)), architecture(NET).preprocessing)
    big = architecture(NET).build(20_000)
    big.load_state_dict(state | wide)
    add(
        "20,000 class names, each twice", "a.safetensors", to_checkpoint(big, said), "The class name '0' is given twice"
    )
    cases.append(
        Case(
            "the code in the pickles was not run",
            "checkpoint",
            lambda: "it was run" if mark.exists() else "it was not run",
            None,
            "it was not run",
        )
    )
    for name, path in (("nobody's home", "~nobody-of-that-name/a.pth"), ("5,000 letters", "/" + "a" * 5000)):
        cases.append(
            Case(
                f"checkpoint in a path of {name}",
                "checkpoint",
                lambda path=path: xai.load_model(path, architecture=NET).title,
                xai.ModelError,
                "There can be no checkpoint",
            )
        )
    return cases


def zip_without(content: bytes, end: str) -> bytes:
    """An archive without the member that ends so."""
    kept = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as archive, zipfile.ZipFile(kept, "w") as other:
        for name in archive.namelist():
            if not name.endswith(end):
                other.writestr(name, archive.read(name))
    return kept.getvalue()


def parquet(path: Path, **columns: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), path)


def runs(folder: Path) -> list[Case]:
    root = folder / "runs"
    cases = []

    def written(place: str, /, **changes: object) -> Path:
        writer = RunWriter(root / place)
        about = {
            "name": "run",
            "class_names": ["cat", "dog"],
            "pictures": ["a.png", "b.png"],
            "labels": np.array([0, 1]),
            "source": PictureSource(files=str(root / "pictures")),
            "files": ["a.png", "b.png"],
        } | changes
        writer.begin(**about)
        half = np.full(2, 0.5, np.float32)
        for number in (1, 2):
            writer.epoch(number, np.array([0, number % 2]), half, half, train_loss=1.0)
        return writer.folder

    def opened(place: Path) -> str:
        run = xai.TrainingRun.open(place)
        run.measures()
        return "; ".join([f"epochs {', '.join(map(str, run.epochs))}", *run.problems])

    def add(
        name: str,
        place: Path,
        says: str,
        *,
        fine: bool = False,
        open_it: Callable[[], str] | None = None,
        error: type[xai.XaiError] = xai.RecordError,
        on_page: tuple[str, ...] = (),
    ) -> None:
        cases.append(
            Case(
                name,
                "run",
                open_it or (lambda: opened(place)),
                None if fine else error,
                says,
                "training_evolution",
                {"record": str(place)},
                on_page=on_page or (tuple(says.split("; ")[1:]) if fine else ()),
            )
        )

    put(root / "pictures" / "a.png", PICTURE)
    damaged = "is damaged or cut off, so the run cannot be opened."
    for name, content, says in (
        ("run.json that is not JSON", b"{", damaged),
        ("run.json that is empty", b"", damaged),
        ("run.json of bytes", bytes(range(256)), damaged),
        ("run.json of huge nesting", b"[" * 100_000, damaged),
        ("run.json of another kind", b"[1, 2]", "is JSON of another kind, not a training run."),
        ("run.json with a number of 5,000 digits", b'{"version": ' + b"9" * 5000 + b"}", damaged),
    ):
        place = written(name.replace(" ", "_"))
        put(place / "run.json", content)
        add(name, place, says)
    place = written("heavy")
    with (place / "run.json").open("r+b") as file:
        file.truncate(64 << 30)
    add("run.json of 64 GB", place, "has more than 16 MB; it is no training run.")
    for name, key, value, says in (
        ("run of another version", "version", 99, "has the version 99; this program reads version 1."),
        ("classes that are numbers", "class_names", [1, 2], "its classes or its pictures' place are not what"),
        ("class twice", "class_names", ["cat", "cat"], "names a class twice"),
        ("source that is a list", "source", [], "its classes or its pictures' place are not what they should be."),
    ):
        place = written(name.replace(" ", "_"))
        head = json.loads((place / "run.json").read_text())
        put(place / "run.json", json.dumps(head | {key: value}).encode())
        add(name, place, says)
    for name, file in (
        ("absolute file name", "/etc/passwd"),
        ("file name that leads out", "../../../../etc/passwd"),
        ("file name with a zero byte", "a\0.png"),
    ):
        place = written(name.replace(" ", "_"), files=["a.png", file])

        def read(place: Path = place) -> str:
            return sample_text(xai.run_pictures(xai.TrainingRun.open(place))[1])

        says = "there can be no file" if "\0" in file else "lies outside of pictures."
        add(name, place, says, open_it=read, error=xai.PictureError, on_page=("What happened",))
    place = written("cut_off")
    epoch = place / "epochs" / "0002.parquet"
    put(epoch, epoch.read_bytes()[:-40])
    add("epoch cut off", place, "epochs 1; Epoch 2 was left out: 0002.parquet is damaged or cut off.", fine=True)
    place = written("no_epochs")
    for epoch in (place / "epochs").iterdir():
        put(epoch, b"PAR1")
    add("every epoch cut off", place, "has no whole epoch yet (Epoch 1 was left out: 0001.parquet is damaged")
    place = written("pictures_cut_off")
    put(place / "pictures.parquet", (place / "pictures.parquet").read_bytes()[:99])
    add("pictures cut off", place, "pictures.parquet is damaged or cut off.")
    for name, labels in (("labels out of range", [0, 2]), ("negative labels", [0, -1])):
        place = written(name.replace(" ", "_"))
        parquet(place / "pictures.parquet", name=["a", "b"], label=pa.array(labels, pa.int32()), file=["a", "b"])
        add(name, place, f"the picture 'b' has the label {labels[1]}, but there are 2 classes, 0 to 1.")
    place = written("names_twice", pictures=["a", "a"])
    add("picture twice", place, "names a picture twice; every picture needs a name of its own.")
    half = pa.array([0.5, 0.5], pa.float32())
    for name, said, chances, why in (
        ("predictions out of range", [0, 7], half, "it predicts a class that the run does not have."),
        (
            "probabilities above 1",
            [0, 1],
            pa.array([7.0, 0.5], pa.float32()),
            "it has probabilities that are not between 0 and 1.",
        ),
        ("another number of pictures", [0], half[:1], "it has 1 of 2 pictures."),
    ):
        place = written(name.replace(" ", "_"))
        parquet(
            place / "epochs" / "0002.parquet",
            predicted=pa.array(said, pa.int32()),
            p_predicted=chances,
            p_true=half[: len(said)],
        )
        add(name, place, f"epochs 1; Epoch 2 was left out: {why}", fine=True)
    place = written("twice")
    put(place / "epochs" / "00002.parquet", (place / "epochs" / "0001.parquet").read_bytes())
    add("epoch twice", place, "epochs 1, 2", fine=True)
    place = written("endless")
    row = pa.table(
        {"name": pa.array(["a"] * 10**5), "label": pa.array([0] * 10**5, pa.int32()), "file": pa.array(["a"] * 10**5)}
    )
    with pq.ParquetWriter(place / "pictures.parquet", row.schema) as writer:
        for _ in range(100):
            writer.write_table(row, row_group_size=10**5)
    add("ten million pictures in a small file", place, "has more than 2,000,000 rows; so large a record is not read.")
    markup = ["<img src=x onerror=alert(1)>", "**bold** $x$ :red[x]"]
    place = written("markup", name="# <b>run</b> **x**", class_names=markup, pictures=markup)
    add("markup in the names of a run", place, "epochs 1, 2", fine=True)
    add("folder without a run", root / "pictures", "holds no training run: it has no run.json.")
    add("run that is not there", root / "gone", "There is no folder or file ")
    flow = {
        "name": "flow",
        "labels": ["cat", "dog"],
        "instances": [{"id": "a", "actual": 0}, {"id": "b", "actual": 1}],
        "epochs": [{"id": "1", "classifications": [0, 1]}, {"id": "2", "classifications": [1, 1]}],
    }
    for name, other, says in (
        ("flow that is a list", [flow], "is JSON, but no training run."),
        ("flow with a label of text", flow | {"instances": [{"id": "a", "actual": "0"}]}, "has no class number under"),
        (
            "flow with a label out of range",
            flow | {"instances": [{"id": "a", "actual": 9}] * 2},
            "names a picture twice",
        ),
        ("flow without epochs", flow | {"epochs": []}, "has no whole epoch yet."),
        ("flow without classes", flow | {"labels": []}, "names no classes."),
    ):
        add(name, put(root / f"{name.replace(' ', '_')}.json", json.dumps(other).encode()), says)
    doubled = flow | {"epochs": [one | {"id": "7"} for one in flow["epochs"]]}
    add("flow with an epoch twice", put(root / "doubled.json", json.dumps(doubled).encode()), "epochs 1, 2", fine=True)
    add("flow of huge nesting", put(root / "deep.json", b'{"labels":' + b"[" * 100_000), "is nested too deeply")
    add("flow cut off", put(root / "cut.json", json.dumps(flow).encode()[:-9]), "is not whole JSON")
    add("flow that is a picture", put(root / "picture.json", PICTURE), "is not whole JSON")
    return cases


def studies(folder: Path) -> list[Case]:
    root = folder / "studies"
    head = {
        "format": "xai-core study",
        "version": 1,
        "kind": "layers",
        "request": {},
        "model_id": "m",
        "parts": 1,
        "pictures": 2,
        "layers": ["conv"],
        "input_size": [8, 8],
        "stamp": "s",
        "batch": 2,
    }
    cases = []

    def written(place: str, /, **changes: object) -> Path:
        study = StudyFolder.begin(root / place.replace(" ", "_"), head | changes)
        study.write(
            0,
            {"ids": ["x", "y"]},
            {
                "targets": np.array([0, 1]),
                "predictions": np.array([0, 1]),
                "map/conv": np.zeros((2, 4, 4), np.float32),
                "probabilities": np.zeros((2, 2), np.float32),
            },
        )
        study.finish({}, {"address": "layer_explorer?n=2"})
        return study.folder

    def described(place: Path) -> str:
        study = StudyFolder.open(place)
        maps = study.heatmaps("m", ["x"], ["conv"], [None])
        part = study.problem(0) or "whole"
        return f"{'complete' if study.complete else 'unfinished'}, part {part}, maps {'there' if maps else 'absent'}"

    def add(name: str, place: Path, says: str, *, fine: bool = False) -> None:
        cases.append(
            Case(
                name,
                "study",
                lambda: described(place),
                None if fine else xai.RecordError,
                says,
                "layer_explorer",
                {"study": str(place)},
                on_page=("From the batch study in",) if fine else (),
            )
        )

    add("whole study", written("whole"), "complete, part whole, maps there", fine=True)
    damaged = "is damaged or cut off, so the study cannot be opened."
    for name, content, says in (
        ("study.json cut off", b'{"format": "xai', damaged),
        ("study.json of huge nesting", b"[" * 100_000, damaged),
        ("study.json of bytes", bytes(range(256)), damaged),
        ("study.json of another kind", b"{}", "is JSON of another kind, not a study."),
    ):
        place = written(name)
        put(place / "study.json", content)
        add(name, place, says)
    for name, key, value in (
        ("study of 10**15 parts", "parts", 10**15),
        ("study of less than no parts", "parts", -1),
        ("study whose layers are lists", "layers", [["conv"]]),
        ("study of an input in one dimension", "input_size", [8]),
        ("study whose model is a number", "model_id", 7),
    ):
        place = written(name)
        put(place / "study.json", json.dumps(head | {key: value}).encode())
        add(name, place, f"is damaged: its {key!r} is not what it should be.")
    place = written("another version")
    put(place / "study.json", json.dumps(head | {"version": "2"}).encode())
    add("study of another version", place, "has the version '2'; this program reads 1.")
    for name, change in (
        ("cut off", lambda whole: whole[:-60]),
        ("bytes", lambda whole: bytes(100)),
        ("bent", lambda whole: whole[:300] + bytes([whole[300] ^ 255]) + whole[301:]),
    ):
        place = written(f"part {name}")
        part = place / "parts" / "00000.npz"
        put(part, change(part.read_bytes()))
        add(f"part {name}", place, "complete, part damaged, maps absent", fine=True)
    place = written("pickle in a part")
    with (place / "parts" / "00000.npz").open("wb") as file:
        np.savez(file, allow_pickle=True, about=np.array([Bomb(root / "mark")], dtype=object))
    add("pickle in a part", place, "complete, part damaged, maps absent", fine=True)
    place = written("summary of another")
    put(place / "summary.json", b'{"study": "0", "address": "start"}')
    add("summary of another study", place, "unfinished, part whole, maps there", fine=True)
    add("study that is not there", root / "gone", "holds no study: it has no study.json that can be read.")
    return cases


def settings() -> list[Case]:
    """Nonsense in an address. It is passed over, or the page says what is not here."""
    cases = []

    def add(name: str, page: str = "layer_explorer", on_page: tuple[str, ...] = (), **address: str) -> None:
        cases.append(Case(name, "settings", None, None, "", page, address, on_page=on_page))

    markup = "<img src=x onerror=alert(1)> **bold** $x$ :red[x]"
    add("numbers below the least", n="-1", opacity="-9", t="-1", rows="-1")
    add("numbers above the most", n="99999999999999999999", opacity="9", t="9", rows="5")
    add("words for numbers", n="abc", opacity="nan", t="inf", rows="1e9")
    add("nothing at all", n="", opacity="", t="", layers="", target="", view="", colours="", measure="", grid="")
    add("choices that are none", layers="all", target="x", view="y", colours=markup, measure="z", scale="-", smooth="?")
    add("layers that are none", ("layer_explorer"), ("has no layer",), layers="Choice", pick=markup)
    add("class that is none", on_page=("the address asks for",), target="A class", **{"class": markup})
    add("model and data that are none", on_page=("which is not here.",), model=markup, data=markup)
    add("picture that is none", on_page=("is not among these pictures.",), picture=markup)
    add("switches that are none", present="maybe", guide="-1")
    add("study called by markup", on_page=("holds no study",), study=f"/nowhere/{markup}")
    add("run that is none", "training_evolution", ("is not here (any more)",), run=markup)
    add(
        "choices of a run that are none",
        "training_evolution",
        colour="x",
        sort="y",
        only="z",
        group="?",
        true=markup,
        predicted="-1",
        numbers="x",
        beside=markup,
    )
    for name, path in (
        ("with a zero byte", "/a\0b"),
        ("in nobody's home", "~nobody-of-that-name/a"),
        ("of 5,000 letters", "/" + "a" * 5000),
        ("of markup", f"/{markup}"),
    ):
        add(f"folder {name}", data="Folder", path=path)
        add(f"weights {name}", model="Checkpoint", weights=path)
        add(f"record {name}", "training_evolution", run="A record on disk", record=path)
        add(f"study {name}", study=path)
    return cases


def make(folder: Path) -> list[Case]:
    """Write all bad inputs below a folder, and tell of them."""
    return [
        *pictures(),
        *masks(folder),
        *folders(folder),
        *checkpoints(folder),
        *runs(folder),
        *studies(folder),
        *settings(),
    ]


if __name__ == "__main__":
    for case in make(Path(sys.argv[1])):
        print(f"{case.kind:10}  {case.name}")
