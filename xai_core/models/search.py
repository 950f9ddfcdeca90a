"""Which architecture a checkpoint has, where nobody says it."""

from __future__ import annotations

from collections import Counter

from xai_core.errors import ModelError
from xai_core.models.architectures import ARCHITECTURES
from xai_core.models.fitting import COUNTER, differences, fit, template, without_wrappers
from xai_core.models.kinds import Architecture
from xai_core.models.state_files import State
from xai_core.models.timm_networks import SCHEME, architecture_of
from xai_core.models.torchvision_models import AUXILIARY

_ITSELF = (
    "Load the network itself instead: in Python xai.load_model(network), on pages and in commands a file that "
    "registers it (--plugin my_network.py), in a command also the function that returns it (package.module:function)"
)
_TRIED = 8  # architectures that are looked at closely, where none has as many tensors as the file


def _tensors(kind: Architecture) -> int:
    if kind.tensors is not None:
        return kind.tensors
    return sum(not name.endswith(COUNTER) for name in template(kind).shapes)


def _distances(state: State) -> list[tuple[int, Architecture]]:
    """By how many tensors each architecture differs from the file, or from one of the modules in it; the least first.

    A training's checkpoint may hold a network beside other things, so its parts are counted, too.
    """
    names = [
        name
        for name in without_wrappers(state)
        if not name.endswith(COUNTER) and not any(part in AUXILIARY for part in name.split("."))
    ]
    sizes = {len(names), *Counter(name.split(".", 1)[0] for name in names).values()}
    sizes |= set(Counter(name.rpartition(".")[0].split(".", 2)[0] for name in names).values())
    found = [(min(abs(size - _tensors(kind)) for size in sizes), kind) for kind in ARCHITECTURES.values()]
    return sorted(found, key=lambda pair: pair[0])


def matching(state: State) -> Architecture | None:
    """The architecture that a checkpoint fits, by the names and shapes of its tensors; None if there is none.

    Parameters
    ----------
    state : dict of str to torch.Tensor
        Of the file.

    Returns
    -------
    Architecture or None
    """
    nearest = _distances(state)
    few = [kind for distance, kind in nearest if not distance] + [kind for distance, kind in nearest if distance][:2]
    for kind in few:
        wanted = template(kind)
        if not differences(fit(state, wanted).state, wanted):
            return kind
    return None


def _of_timm(state: State, said: str) -> Architecture | None:
    """One of timm's networks, where timm is installed and has one of that name that the file fits."""
    if not said:
        return None
    try:
        kind = architecture_of(SCHEME + said.removeprefix(SCHEME))
    except ModelError:
        return None
    wanted = template(kind)
    return None if differences(fit(state, wanted).state, wanted) else kind


def find_architecture(state: State, name: str, said: str = "") -> Architecture:
    """As `matching`, with a sentence where there is none.

    Parameters
    ----------
    state : dict of str to torch.Tensor
        Of the file.
    name : str
        What messages call the file.
    said : str
        What the training called its network, which may be one of timm's.

    Returns
    -------
    Architecture

    Raises
    ------
    ModelError
        Which names the nearest architecture and the first three tensors that differ.
    """
    found = matching(state) or _of_timm(state, said)
    if found is not None:
        return found
    best, most, differing = None, 0.0, [""]
    for _, kind in _distances(state)[:_TRIED]:
        wanted = template(kind)
        had = fit(state, wanted).state
        wrong = differences(had, wanted)
        common = sum(tuple(tensor.shape) == wanted.shapes.get(key) for key, tensor in had.items())
        share = common / len(had.keys() | wanted.shapes.keys())
        if share > most:
            best, most, differing = kind, share, wrong
    if best is None:
        raise ModelError(
            f"{name} fits no architecture that is known here, and is like none of them: its tensors begin with "
            f"{next(iter(state))!r}. {_ITSELF}."
        )
    count = f"{len(differing)} tensors that differ" if len(differing) != 1 else "one tensor that differs"
    raise ModelError(
        f"{name} fits no architecture that is known here. The nearest is {best.title} (architecture={best.key!r}), "
        f"with {count}: {'; '.join(differing[:3])}. If it is one of timm's, say architecture='timm:NAME'. {_ITSELF}."
    )
