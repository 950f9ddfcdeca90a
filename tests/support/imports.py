"""Which module imports which, read from the source: at the top, inside functions and for type checking alike."""

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]


def _name(path):
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def _modules(*tops):
    return {_name(path): path for top in tops for path in sorted((ROOT / top).rglob("*.py"))}


MODULES, TESTS = _modules("xai_core", "app"), _modules("tests")
_ALL = MODULES | TESTS


def part_of(name):
    """The folder or file at the top of the library or the dashboard that a module is in."""
    parts = name.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def _absolute(name, node):
    """The module that `from ... import` is from, whatever number of dots it has."""
    if not node.level:
        return node.module or ""
    package = name if _ALL[name].name == "__init__.py" else name.rpartition(".")[0]
    parts = package.split(".")[: len(package.split(".")) - node.level + 1]
    return ".".join([*parts, node.module] if node.module else parts)


@cache
def nodes(name):
    """All that a module says, as Python reads it."""
    return tuple(ast.walk(ast.parse(_ALL[name].read_text(encoding="utf-8"))))


@cache
def imports(name):
    """What a module imports: modules of this project by their own name, whatever is taken from them, others in full."""
    found = set()
    for node in nodes(name):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{_absolute(name, node)}.{alias.name}" for alias in node.names}
    return frozenset(_module(one) for one in found)


def _module(name):
    """The module that a dotted name lies in."""
    if name.split(".")[0] not in ("xai_core", "app"):
        return name
    while name not in MODULES:
        name = name.rpartition(".")[0]
    return name


def circles():
    """Groups of modules each of which leads to every other of its group (Tarjan 1972)."""
    order, lowest, stack, found = {}, {}, [], []

    def visit(name):
        order[name] = lowest[name] = len(order)
        stack.append(name)
        for other in imports(name) & MODULES.keys() - {name}:
            if other not in order:
                visit(other)
            if other in stack:
                lowest[name] = min(lowest[name], lowest[other])
        if lowest[name] == order[name]:
            at = stack.index(name)
            group = stack[at:]
            del stack[at:]
            if len(group) > 1:
                found.append(sorted(group))

    for name in MODULES:
        if name not in order:
            visit(name)
    return found
