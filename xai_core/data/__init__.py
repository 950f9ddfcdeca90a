"""Data: the registry, folders, Tiny ImageNet's layout, uploads; and how a file becomes a picture."""

from xai_core.data.dataset import Dataset, Item, Problem
from xai_core.data.folders import SPLITS
from xai_core.data.registry import (
    DatasetInfo,
    download_dataset,
    from_uploads,
    list_datasets,
    list_splits,
    load_dataset,
    locate,
)
from xai_core.data.textured_digits import textured_digits

__all__ = [
    "SPLITS",
    "Dataset",
    "DatasetInfo",
    "Item",
    "Problem",
    "download_dataset",
    "from_uploads",
    "list_datasets",
    "list_splits",
    "load_dataset",
    "locate",
    "textured_digits",
]
