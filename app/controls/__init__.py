"""The pickers of the pages, a module for what is chosen. Lists come from the registries; every value is in the URL."""

from app.controls.data import FOLDER, ONLY, choose_data, data_in_words
from app.controls.downloads import download
from app.controls.edited import choose_edited
from app.controls.files import (
    DATA_OF_BOARD,
    EDITED_OF_BOARD,
    MODEL_OF_BOARD,
    WHOLE_OF_BOARD,
    File,
    named,
    offer_file,
    offer_files,
)
from app.controls.labels import NAMELESS_OF_BOARD, choose_classes, offer_names
from app.controls.layers import choose_layer, choose_layers
from app.controls.maps import choose_maps, just_dropped, maps_in_study
from app.controls.method import (
    about_method,
    choose_method,
    choose_settings,
    offered_settings,
    quality_in_words,
    settings_in_words,
)
from app.controls.missing import ABSENT_OF_BOARD, MISSING_OF_BOARD, show_absent, show_missing, warn_of_missing
from app.controls.model import begins_with, choose_model, fitting
from app.controls.model_notes import warn_of_size
from app.controls.normalised import choose_normalised
from app.controls.option import choose_flag, choose_option
from app.controls.running import show_running
from app.controls.target import CHOOSE_OF_BOARD, Target, choose_class, choose_target, offer_prediction
from app.controls.text import Markup, plain, show_error
from app.controls.uploads import UPLOADER_OF_BOARD, WAITS_OF_BOARD, show_bound, uploaded

__all__ = [
    "ABSENT_OF_BOARD",
    "CHOOSE_OF_BOARD",
    "DATA_OF_BOARD",
    "EDITED_OF_BOARD",
    "FOLDER",
    "MISSING_OF_BOARD",
    "MODEL_OF_BOARD",
    "NAMELESS_OF_BOARD",
    "ONLY",
    "UPLOADER_OF_BOARD",
    "WAITS_OF_BOARD",
    "WHOLE_OF_BOARD",
    "File",
    "Markup",
    "Target",
    "about_method",
    "begins_with",
    "choose_class",
    "choose_classes",
    "choose_data",
    "choose_edited",
    "choose_flag",
    "choose_layer",
    "choose_layers",
    "choose_maps",
    "choose_method",
    "choose_model",
    "choose_normalised",
    "choose_option",
    "choose_settings",
    "choose_target",
    "data_in_words",
    "download",
    "fitting",
    "just_dropped",
    "maps_in_study",
    "named",
    "offer_file",
    "offer_files",
    "offer_names",
    "offer_prediction",
    "offered_settings",
    "plain",
    "quality_in_words",
    "settings_in_words",
    "show_absent",
    "show_bound",
    "show_error",
    "show_missing",
    "show_running",
    "uploaded",
    "warn_of_missing",
    "warn_of_size",
]
