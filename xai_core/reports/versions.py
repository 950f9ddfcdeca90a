"""By which versions of which packages a report was made."""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, version

PACKAGES = ("xai-core", "torch", "torchvision", "captum", "lime", "numpy", "scipy", "pandas", "plotly", "scikit-image")


def versions() -> dict[str, str]:
    """The packages that numbers hang on, as far as they are installed.

    Returns
    -------
    dict of str to str
        Name -> version.
    """
    return {name: known for name in PACKAGES if (known := _version(name))}


@cache
def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
