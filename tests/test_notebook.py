"""The notebook runs from top to bottom, and says what the library says."""

from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

import xai_core as xai
from xai_core import studies

NOTEBOOK = Path(__file__).parents[1] / "docs" / "one_picture.ipynb"


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")  # of the kernel's own packages
def test_the_notebook_runs_top_to_bottom(tmp_path):
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    assert not any(cell.get("outputs") for cell in notebook.cells), "Its outputs belong to whoever runs it."
    NotebookClient(notebook, timeout=240, resources={"metadata": {"path": str(tmp_path)}}).execute()
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in code)
    said = "\n".join(output.get("text", "") for cell in code for output in cell.outputs)

    model = xai.load_model("digits")
    table = xai.evaluate(model, xai.load_dataset("textured_digits", split="test"))
    assert studies.confidence_hypothesis(table).sentence in said
    data = xai.load_dataset("textured_digits", split="test").choose(limit=60)
    samples = [model.preprocessing.prepare(sample) for sample in data.read()[0]]
    maps = xai.grad_cam(model, samples, layers="stages", targets=xai.true_classes(model, samples))
    focus = xai.layer_focus(maps)
    assert f"correlation of focus with depth is {focus.trend.effect:+.2f}" in said.replace("\n", " ")
    assert np.isfinite(focus.page.p)
