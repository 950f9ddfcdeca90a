"""Data sets by name and layouts of folders, one a file, in a registry; uploads; and how a file becomes a picture."""

from xai_core.data.counting import Counted, count_names, counting
from xai_core.data.dataset import Dataset, Item, Problem
from xai_core.data.decisions.options import FILE_OPTIONS
from xai_core.data.folders import SPLITS, stamp, stamped_files
from xai_core.data.kinds import DatasetInfo, Layout
from xai_core.data.label_map import NO_CLASS, label_address, read_label_map
from xai_core.data.loading import download_dataset, list_options, list_splits, load_dataset, locate
from xai_core.data.open_picture import open_picture
from xai_core.data.options import check_options
from xai_core.data.places import at_places, places_text
from xai_core.data.recognising import is_data_file
from xai_core.data.registry import (
    data_options,
    list_datasets,
    list_layouts,
    option_address,
    register_dataset,
    register_layout,
    unregister_dataset,
    unregister_layout,
)
from xai_core.data.textured_digits import textured_digits
from xai_core.data.uploads import from_uploads

__all__ = [
    "FILE_OPTIONS",
    "NO_CLASS",
    "SPLITS",
    "Counted",
    "Dataset",
    "DatasetInfo",
    "Item",
    "Layout",
    "Problem",
    "at_places",
    "check_options",
    "count_names",
    "counting",
    "data_options",
    "download_dataset",
    "from_uploads",
    "is_data_file",
    "label_address",
    "list_datasets",
    "list_layouts",
    "list_options",
    "list_splits",
    "load_dataset",
    "locate",
    "open_picture",
    "option_address",
    "places_text",
    "read_label_map",
    "register_dataset",
    "register_layout",
    "stamp",
    "stamped_files",
    "textured_digits",
    "unregister_dataset",
    "unregister_layout",
]
