"""What a test runs in a process of its own, with a plug-in installed: pages and the checks of a map, told as JSON."""

import json
import sys

import xai_core as xai
from app.model.found import layer_table
from tests.support.harness import done_once
from tests.support.pages import html, open_page, text
from xai_core import plugins


def good():
    """A method, a data set and a model of a plug-in on the pages and in the checks."""
    shown = {"data": "Example digits", "n": "8", "model": "Example net"}
    layers = open_page("layer_explorer", **shown, method="Example CAM")
    masks = open_page("foreground", **shown, method="Example CAM")
    panel = open_page("misclassifications", **shown)
    # The example's own network has learned nothing, and maps of what a model does not see are not checked.
    model, (digit,) = xai.load_model("digits"), xai.load_dataset("example_digits")[:1]
    found = xai.trust_map(model, digit, method="example_cam")
    pairs = found.agreements
    return {
        "methods": [method.key for method in xai.list_methods() if method.usual],
        "layers": text(layers),
        "foreground": text(masks),
        "panel": html(panel),
        "checked": found.method,
        "agreements": sorted(set(pairs["first"]) | set(pairs["second"])),
        "problems": list(plugins.problems()),
    }


def sheets():
    """A layout of a plug-in with its option, in the folder that is named."""
    page = open_page("layer_explorer", data=sys.argv[2], n="8", model="Digits (honest)", data_side="back")
    return {
        "layers": text(page),
        "choices": [one.label for one in page.get("button_group")],
        "names": [item.name for item in xai.load_dataset(sys.argv[2]).items],
    }


def own():
    """A network of one's own architecture, whose file the environment names."""
    shown = {"data": "Textured digits", "n": "8", "model": "My network"}
    return {
        "layers": text(open_page("layer_explorer", **shown)),
        "model": text(open_page("model", **shown)) + str(layer_table(xai.load_model("my_network"))),
        "problems": list(plugins.problems()),
    }


def broken():
    """What a page says of plug-ins that cannot be used, and what one of them gives when it is asked."""
    page = open_page("layer_explorer", data="Textured digits", n="4", model="Digits (honest)")
    model, (digit,) = xai.load_model("digits"), xai.load_dataset("textured_digits")[:1]
    said = ""
    try:
        xai.explain(model, [digit], method="nonsense")
    except xai.MethodError as error:
        said = str(error)
    return {
        "methods": [method.key for method in xai.list_methods() if method.usual],
        "page": text(page),
        "sidebar": [one.value for one in page.sidebar.warning],
        "asked": said,
        "problems": list(plugins.problems()),
    }


if __name__ == "__main__":
    with done_once():
        said = {"good": good, "sheets": sheets, "own": own, "broken": broken}[sys.argv[1]]()
    print(json.dumps(said))
