"""HTML as a tree: what it says, what it shows, and that a name in it is only text."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass, field
from html.parser import HTMLParser

import numpy as np
from PIL import Image

EVIL = "<script>alert('1')</script>\" onload=\"x & 'y' <b>é</b>"
_VOID = {"img", "br", "hr", "input", "meta", "link"}


@dataclass
class Node:
    """An element of parsed HTML."""

    tag: str
    attrs: dict[str, str | None] = field(default_factory=dict)
    children: list[Node | str] = field(default_factory=list)

    def all(self, *tags: str, **attrs: str) -> list[Node]:
        """The elements inside, in their order, with one of the tags (any, if none is given) and the attributes."""
        found = []
        for child in self.children:
            if isinstance(child, Node):
                if (not tags or child.tag in tags) and all(child.attrs.get(k) == v for k, v in attrs.items()):
                    found.append(child)
                found += child.all(*tags, **attrs)
        return found

    @property
    def text(self) -> str:
        """What is to be read, without style sheets."""
        parts = [c if isinstance(c, str) else c.text for c in self.children if isinstance(c, str) or c.tag != "style"]
        return " ".join(" ".join(parts).split())


class _Tree(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open = [Node("")]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"<{tag}> has an attribute twice: {names}"
        node = Node(tag, dict(attrs))
        self.open[-1].children.append(node)
        if tag not in _VOID:
            self.open.append(node)

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].tag == tag, f"</{tag}> ends <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def parsed(html: str) -> Node:
    """The HTML as a tree; it must be well nested."""
    tree = _Tree()
    tree.feed(html)
    tree.close()
    assert len(tree.open) == 1, f"<{tree.open[-1].tag}> is never closed"
    return tree.open[0]


def assert_only_text(html: str, *, bold: bool = False) -> Node:
    """Nothing in a name has become an element or an attribute."""
    root = parsed(html)
    assert not root.all("script", *(() if bold else ("b",)))
    assert not [name for node in root.all() for name in node.attrs if name.startswith("on")]
    return root


def picture(node: Node) -> np.ndarray:
    """The pixels of an <img>."""
    code = (node.attrs["src"] or "").split("base64,")[1]
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(code))))
