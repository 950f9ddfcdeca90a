"""The shape of the library: who may import whom, and what the public face is."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import xai_core as xai

ROOT = Path(__file__).parents[1]
CORE = ROOT / "xai_core"
FOUNDATION = {
    "errors",
    "types",
    "maps",
    "export",
    "download",
    "plugins",
    "shipped",
    "turns",
    "result_cache",
    "_torchvision",
}
MAY_IMPORT = {
    "types": set(),
    "models": set(),
    "data": set(),
    # The layout of a layer's output and the labels that are its classes are knowledge of the model's.
    "inference": {"models.layers", "models.labels"},
    "methods": {"inference"},
    "interventions": {"inference"},
    "checks": {"inference", "interventions", "methods", "studies"},
    "stats": set(),
    "records": set(),
    "shipped": set(),
    "studies": {"stats", "records"},
    "figures": {"studies", "records"},
    "training": {"models", "data", "records"},
    # A question joins all that it takes to answer it. Its light record joins nothing: batch reads that alone.
    "questions": {
        "models",
        "data",
        "inference",
        "interventions",
        "methods",
        "studies",
        "figures",
        "reports",
        "records",
        "batch",
    },
    "reports": {"figures", "studies", "records", "methods.registry"},
    "batch": {
        "models",
        "data",
        "inference",
        "interventions",
        "methods",
        "studies",
        "figures",
        "questions.question",
        "reports",
        "records",
        "training.pictures",
    },
}


def imports(path):
    """Modules of xai_core that a file imports, as dotted names below it; other packages by their full name."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        found |= {name.removeprefix("xai_core.") if name.startswith("xai_core.") else f":{name}" for name in names}
    return found


def core_files():
    return [path for path in sorted(CORE.rglob("*.py")) if path.parent != CORE or path.stem in MAY_IMPORT]


@pytest.mark.parametrize("path", core_files(), ids=lambda path: str(path.relative_to(CORE)))
def test_parts_import_only_what_they_may(path):
    part = path.relative_to(CORE).parts[0].removesuffix(".py")
    allowed = FOUNDATION | {part} | MAY_IMPORT[part]
    for name in imports(path):
        if not name.startswith(":"):
            assert any(name == a or name.startswith(a + ".") for a in allowed), f"{path.name} imports {name}"


@pytest.mark.parametrize("path", sorted(CORE.rglob("*.py")), ids=lambda path: str(path.relative_to(CORE)))
def test_the_core_knows_nothing_of_streamlit(path):
    assert not any(name.startswith(":streamlit") for name in imports(path))


@pytest.mark.parametrize("part", ["studies", "figures", "records", "stats", "maps.py", "types", "methods"])
def test_tables_and_figures_need_no_torch(part):
    target = CORE / part
    for path in [target] if target.is_file() else target.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in tree.body:  # imports for type checking only stand deeper
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not any(name.split(".")[0] == "torch" for name in names), path.name


@pytest.mark.parametrize("path", sorted((ROOT / "app").rglob("*.py")), ids=lambda path: path.name)
def test_pages_do_no_torch(path):
    assert not any(re.match(r":(torch|captum|scipy)", name) for name in imports(path))


def test_the_public_names_are_these():
    assert xai.__all__ == sorted(xai.__all__)
    names = """
        Classifier DataError Dataset DatasetInfo DownloadError Heatmaps Layer LayerError LimeExplanation
        MapTrust MemoryShortage Method MethodError ModelError ModelInfo PictureError Predictions Problem
        RecordError Recorder Sample Setting StatResult TargetError TrainingError TrainingRun XaiError
        arrays_to_npz deletion download_dataset download_model energy_inside evaluate evaluate_batch explain
        foreground_background from_uploads get_method gini grad_cam hide insertion intervene intervention
        is_flat layer_focus layer_maps lime lime_growing list_datasets list_methods list_models list_splits
        load_dataset load_model normalize partners perturb pool predict randomisation
        rectify register run_pictures saliency superpixels textured_digits to_npz true_classes trust_map
        unregister upsample
    """
    assert set(xai.__all__) == set(names.split())
    assert all(getattr(xai, name).__doc__ for name in xai.__all__)


def test_the_core_can_be_used_where_streamlit_is_not_installed():
    code = "import sys; sys.modules['streamlit'] = None; import xai_core, xai_core.figures; print('fine')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "fine", done.stderr


@pytest.mark.parametrize("path", sorted((ROOT / "tests").rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_tests_share_by_support_and_import_no_test(path):
    for name in imports(path):
        parts = name.removeprefix(":").split(".")
        wrong = any(part.startswith("test_") or part == "conftest" for part in parts[:-1])
        assert not wrong, f"{path.name} imports {name}"
