"""Where Hugging Face's package, which timm uses as well, keeps what was fetched."""

from __future__ import annotations

from pathlib import Path


def hub_caches() -> tuple[Path, ...]:
    """The folder of its cache, which need not exist; none without the package."""
    try:
        from huggingface_hub import constants
    except ModuleNotFoundError:
        return ()
    return (Path(constants.HF_HUB_CACHE),)
