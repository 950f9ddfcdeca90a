"""Data: the registry, folders, Tiny ImageNet's layout, uploads; and how a file becomes a picture."""

from xai_core.data.dataset import Dataset, Item, Problem
from xai_core.data.folders import SPLITS
from xai_core.data.registry import DatasetInfo, from_uploads, list_datasets, load_dataset

__all__ = ["SPLITS", "Dataset", "DatasetInfo", "Item", "Problem", "from_uploads", "list_datasets", "load_dataset"]
