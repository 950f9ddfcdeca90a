"""Pictures that were handed in, as by a file uploader."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence

from xai_core.data.dataset import Dataset, Item
from xai_core.data.decided import decided
from xai_core.data.decisions.options import Chosen
from xai_core.data.pictures import make_sample
from xai_core.types import Sample


def from_uploads(files: Sequence[tuple[str, bytes]]) -> Dataset:
    """Pictures that were handed in; read when asked for, like all others.

    Parameters
    ----------
    files : Sequence of (str, bytes)
        Name and content of each; a repeated name gets a number.

    Returns
    -------
    Dataset
        Without labels.

    Examples
    --------
    >>> import xai_core as xai
    >>> [item.name for item in xai.from_uploads([("a.png", b""), ("a.png", b"")]).items]
    ['a.png', 'a.png (2)']
    """

    def item(name: str, content: bytes) -> Item:
        def read() -> Sample:
            return make_sample(content, name)

        return Item(name, None, read, hashlib.sha256(content).hexdigest()[:16])

    seen: Counter[str] = Counter()
    items = []
    for name, content in files:
        seen[name] += 1
        items.append(item(name if seen[name] == 1 else f"{name} ({seen[name]})", content))
    names = [name for name, _ in files]
    code = f"xai.from_uploads([(name, __import__('pathlib').Path(name).read_bytes()) for name in {names!r}])"
    return decided(Dataset("uploads", "Your pictures", tuple(items), code=code), Chosen())
