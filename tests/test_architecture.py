"""The shape of the library and of the dashboard: who may import whom, how large things are, what the public face is."""

import ast
import subprocess
import sys

import pytest

import xai_core as xai
from tests.support.imports import MODULES, ROOT, TESTS, circles, imports, nodes, part_of

# Part of xai_core -> the parts, or modules of them, that it may import beside itself. A part that is not here fails.
FOUNDATION = {"archives", "bounded_json", "errors", "inflated", "regular", "types"}
COMPUTING = {"maps", "measures", "models", "data", "inference", "methods", "interventions", "checks", "discovery"}
SHOWING = {"export", "stats", "records", "studies", "figures"}
CORE = {
    # The foundation: what is below knows nothing of what is above.
    "errors": set(),
    "turns": set(),
    "regular": {"errors"},
    "bounded_json": set(),
    "threads": set(),
    "archives": set(),
    "parquet_pages": set(),
    "csv_text": set(),
    "inflated": {"archives", "errors", "parquet_pages"},
    "result_types": set(),
    "quotas": set(),
    "roles": {"errors"},
    "apart": set(),
    "shipped": set(),
    "plugins": {"errors", "quotas", "regular"},
    "_torchvision": set(),
    # The lock of a model is a type of its own. Types show themselves by loading `figures` by name, when first shown:
    # that is no import that could be seen here, and the one way up that there is.
    "types": {"errors", "turns"},
    "download": {"errors", "quotas"},
    "result_format": {"bounded_json", "inflated", "regular", "result_types"},
    "result_cache": {"errors", "plugins", "quotas", "result_format", "result_types"},
    # Files elsewhere are copied, whatever they hold; what is read is the copy.
    "remote": {"errors", "quotas", "types"},
    "maps": FOUNDATION,
    "measures": FOUNDATION | {"maps"},
    "alike": FOUNDATION | {"maps"},
    # A Pillow image as RGB: the same for a file of a data set and for an image that is handed to a method.
    "pixels": FOUNDATION,
    "export": FOUNDATION,
    "stats": FOUNDATION,
    "records": FOUNDATION | {"apart"},
    # What computes: methods, checks, models and data do not know one another, but by what is named.
    "models": FOUNDATION | {"_torchvision", "apart", "download", "plugins", "quotas", "remote", "shipped"},
    "data": FOUNDATION | {"_torchvision", "apart", "download", "pixels", "plugins", "quotas", "remote"},
    # The layout of a layer's output, its attention and the labels that are its classes are knowledge of the model's.
    "inference": FOUNDATION | {"maps", "pixels", "models.attention", "models.axes", "models.labels", "models.outputs"},
    "methods": FOUNDATION | {"maps", "inference", "plugins"},
    "interventions": FOUNDATION | {"maps", "inference"},
    # A check runs methods on changed models and pictures, and the studies grade what came out.
    "checks": FOUNDATION | {"maps", "turns", "inference", "interventions", "methods", "studies"},
    # Discovery groups pictures by what one pass gives, and asks models about pictures that it puts together.
    "discovery": FOUNDATION
    | {"alike", "maps", "inference", "methods", "models.labels", "stats", "studies.near_copies", "studies.words"},
    "training": FOUNDATION | {"_torchvision", "models", "data", "quotas", "records", "shipped", "threads"},
    # What judges and draws: no model, no data set, no torch.
    "studies": FOUNDATION | {"alike", "maps", "measures", "stats", "records"},
    "figures": FOUNDATION | {"maps", "studies", "records"},
    # The lines of Python that a report prints leave out what the method's record says is the default.
    "reports": FOUNDATION | {"csv_text", "maps", "export", "records", "studies", "figures", "methods.registry"},
    # A question joins all that it takes to answer it. Its light record joins nothing: batch reads that alone.
    "questions": FOUNDATION | COMPUTING | SHOWING | {"reports", "batch"},
    "batch": FOUNDATION
    | COMPUTING - {"checks", "discovery"}
    | SHOWING
    | {"csv_text", "plugins", "remote", "reports", "result_types", "questions.question", "training.pictures"},
    # Engines stand on top of studies, which know nothing of them: the command hands one in.
    "engines": {"batch", "bounded_json", "errors", "questions", "regular", "threads", "types"},
    "__main__": {"command"},
    "command": {
        "_torchvision",
        "batch",
        "data",
        "engines",
        "errors",
        "models",
        "plugins",
        "questions",
        "quotas",
        "regular",
        "remote",
        "roles",
        "threads",
        "training",
        "types",
    },
    "__init__": set(),
}
# What the pages may import of the library: its public face, its figures and its types, and what is named here.
LIBRARY = {
    "xai_core": "the public face",
    "xai_core.figures": "what the pages draw",
    "xai_core.types": "what goes around",
    "xai_core.errors": "what may go wrong",
    "xai_core.methods": "which methods can explain a model",
    "xai_core.questions": "what pages, addresses and guide are made from",
    "xai_core.studies": "verdicts, cards and tables, which the pages only show",
    "xai_core.reports": "what is exported",
    "xai_core.training": "trainings are begun and watched here; it loads no torch for that",
    "xai_core.quotas": "what whoever runs the server can set",
    "xai_core.roles": "who may do what on a server where people log in",
    "xai_core.csv_text": "tables become CSV in one place",
    "xai_core.shipped": "what comes along with the project, offered without being asked for",
}
# Folder or file of app -> other modules of the library that it may import, each with the reason.
APP_BESIDES = {
    "__init__": {
        "xai_core.models.trust": "no page runs the code of a model",
        "xai_core.remote": "no page asks other servers",
    },
    "cache": {
        "xai_core.checks.layer_deletion": "deletion is asked picture by picture, so that a page can say how far it is",
        "xai_core.batch.store": "a study's folder is opened by the page that shows it",
        "xai_core.batch.grid_folder": "a grid of studies is opened by its folder",
        "xai_core.batch.head": "a study has changed when its head has",
        "xai_core.data": "stamps of folders say when a data set has changed",
        "xai_core.models": "which of a model's classes a label is explained by",
        "xai_core.records": "which epochs of a long training are drawn",
    },
    "classroom": {"xai_core.models": "which model its questions about pictures begin with"},
    "controls": {
        "xai_core.batch": "a study's folder is a source of settings",
        "xai_core.data": "which options a kind of folder has",
        "xai_core.models": "which architectures a checkpoint may be of",
    },
    "discovery": {"xai_core.data": "a group's pictures go to other pages by their places"},
    "duel": {"xai_core.models": "which model is included, whose maps are shown with and without training"},
    "editing": {"xai_core.data": "a picture goes to other pages by its place"},
    "evolution": {"xai_core.models": "which architectures and checkpoints there are"},
    "grid": {"xai_core.batch.grid_folder": "a grid of studies is opened by its folder"},
    "examples": {"xai_core.records": "a recorded run is an example", "xai_core.data": "the bundled pictures are"},
    "jobs": {
        "xai_core.result_types": "what a result on disk must be is said by the function that gives it",
        "xai_core.result_cache": "results on disk are read and written by the queue alone",
        "xai_core.batch.opening": "evaluations begin as a study does",
        "xai_core.checks": "the queue names the type of what it keeps",
        "xai_core.data": "the queue names the type of what it evaluates",
        "xai_core.inference": "the queue names the type of what it keeps",
    },
    "layers": {"xai_core.models": "which models are included"},
    "lessons": {"xai_core.models": "which model is included, whose maps the lessons are about"},
    "model": {"xai_core.models.facts": "parameters and bytes of a network"},
    "notices": {"xai_core.plugins": "which plug-ins cannot be used"},
    "paths": {
        "xai_core.data.roots": "where pages may look",
        "xai_core.models": "in which caches models are looked up by name",
        "xai_core.remote": "what is an address, and not opened",
    },
    "main": {"xai_core.threads": "how they wait is said before torch is loaded"},
    "server": {"xai_core.apart": "it says that visitors' pictures are decoded in processes of their own"},
    "state": {"xai_core.data": "options of data sets are parameters of addresses"},
    "views": {"xai_core.models": "which architectures and checkpoints there are"},
}
# Part of app -> the parts that it may import: a page stands on what is shared, and nobody on a page.
APP_PAGES = {"views", "main"}
LARGE_MODULES: dict[str, str] = {}  # path -> why it is better whole
LARGE_FUNCTIONS: dict[str, str] = {}  # path::function -> why it is better whole
MOST_LINES, MOST_OF_A_FUNCTION = 300, 60  # of a function without its docstring
OF_THE_LIBRARY = sorted(name for name in MODULES if name.startswith("xai_core"))
OF_THE_PAGES = sorted(name for name in MODULES if name.startswith("app"))


def below(name, allowed):
    return any(name == one or name.startswith(one + ".") for one in allowed)


def test_parts_import_only_what_they_may():
    """The package itself is the public face, which only the pages stand on; its version is no module."""
    wrong = []
    for name in OF_THE_LIBRARY:
        part = part_of(name)
        assert part in CORE, f"{part} has no rule: say what it may import"
        allowed = {"xai_core." + one for one in CORE[part] | {part}}
        of_ours = [found for found in imports(name) if found.startswith("xai_core") and found != "xai_core"]
        wrong += [f"{name} imports {found}" for found in of_ours if not below(found, allowed)]
    assert wrong == []


def test_every_rule_is_of_a_part_that_is_there():
    assert {part_of(name) for name in OF_THE_LIBRARY} == set(CORE)
    assert set(APP_BESIDES) <= {part_of(name) for name in OF_THE_PAGES}


def test_the_library_does_not_stand_on_its_own_face():
    """Its parts name each other, so that loading one does not load all; studies say by which version they were made."""
    assert {part_of(name) for name in OF_THE_LIBRARY if "xai_core" in imports(name)} <= {"batch"}


def test_pages_stand_on_the_public_face():
    wrong = []
    for name in OF_THE_PAGES:
        allowed = set(LIBRARY) - {"xai_core"} | set(APP_BESIDES.get(part_of(name), {}))
        of_the_library = [found for found in imports(name) if found.startswith("xai_core.")]
        wrong += [f"{name} imports {found}" for found in of_the_library if not below(found, allowed)]
    assert wrong == []


def test_nobody_stands_on_a_page():
    """A page is imported by the entry point and by its own parts, if it has any."""
    wrong = []
    for name in set(OF_THE_PAGES) - {"app.main"}:
        pages = [found for found in imports(name) if found.startswith("app.views.")]
        wrong += [f"{name} imports {page}" for page in pages if not below(name, {".".join(page.split(".")[:3])})]
    assert wrong == []


def test_no_modules_import_each_other_in_a_circle():
    """Not at any depth: imports inside functions and for type checking count, too."""
    assert circles() == []


def test_the_core_knows_nothing_of_streamlit():
    above = {"streamlit", "app"}
    assert [name for name in OF_THE_LIBRARY if any(below(found, above) for found in imports(name))] == []


@pytest.mark.parametrize("name", OF_THE_PAGES)
def test_pages_do_no_torch(name):
    assert not any(below(found, {"torch", "torchvision", "captum", "scipy"}) for found in imports(name))


@pytest.mark.parametrize("part", ["studies", "figures", "records", "stats", "maps", "types", "methods", "questions"])
def test_tables_and_figures_need_no_torch(part):
    """At a module's top; what computes loads torch inside the functions that do."""
    for name in OF_THE_LIBRARY:
        if part_of(name) == part:
            for node in nodes(name)[0].body:  # imports for type checking only stand deeper
                names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
                names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
                assert not any(below(found, {"torch"}) for found in names), name


def relative(name):
    return MODULES[name].relative_to(ROOT).as_posix()


def test_a_module_holds_one_idea():
    lines = {relative(name): path.read_text(encoding="utf-8").count("\n") for name, path in MODULES.items()}
    large = {path: count for path, count in lines.items() if count > MOST_LINES}
    assert large.keys() == LARGE_MODULES.keys(), large


def functions(name):
    """(name, lines without the docstring) of every function of a module."""
    for node in nodes(name):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0]
            said = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
            yield node.name, node.end_lineno - node.lineno + 1 - said * (first.end_lineno - first.lineno + 1)


def test_a_function_fits_on_a_screen():
    lines = {f"{relative(name)}::{function}": count for name in MODULES for function, count in functions(name)}
    large = {function: count for function, count in lines.items() if count > MOST_OF_A_FUNCTION}
    assert large.keys() == LARGE_FUNCTIONS.keys(), large


def test_what_is_large_is_there():
    assert set(LARGE_MODULES) <= {relative(name) for name in MODULES}
    assert all(LARGE_MODULES.values())
    assert {one.split("::")[0] for one in LARGE_FUNCTIONS} <= {relative(name) for name in MODULES}
    assert all(LARGE_FUNCTIONS.values())


def test_the_formatter_formats():
    texts = {name: path.read_text(encoding="utf-8") for name, path in MODULES.items()}
    assert [name for name, text in texts.items() if "fmt: skip" in text or "fmt: off" in text] == []


# Module -> keys or titles of methods that it may say, with the reason.
SAID_BESIDES = {
    "xai_core/methods/registry.py": {"grad_cam"},  # which method pages, commands and `explain` begin with
    "xai_core/reports/versions.py": {"lime"},  # the package of that name
}


def strings(name):
    """Constants of text, docstrings not among them."""
    said = set()
    for node in nodes(name):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and node.body:
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                said.add(first.value)
    for node in nodes(name):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in said:
            yield node.value


def test_a_method_is_named_in_its_own_file_alone():
    """Everything else reads keys and titles from the registry."""
    own = {method.compute.__module__ for method in xai.list_methods()}
    named = {method.key for method in xai.list_methods()} | {method.title for method in xai.list_methods()}
    said = {relative(name): named & set(strings(name)) for name in MODULES if name not in own}
    assert {path: found for path, found in said.items() if found - SAID_BESIDES.get(path, set())} == {}


def test_the_public_names_are_these():
    assert xai.__all__ == sorted(xai.__all__)
    names = """
        CarrierTest Discovery Strategy discover
        Edit Region apply_edits hottest
        Classifier DataError Dataset DatasetInfo DownloadError Heatmaps LabelEvaluation Layer LayerError LimeExplanation
        MapTrust MemoryShortage Method MethodComparison MethodError ModelError ModelInfo PictureError Predictions
        Problem RecordError Recorder Sample Setting StatResult TargetError TrainingError TrainingRun XaiError
        arrays_to_npz compare_methods deletion download_dataset download_model energy_inside evaluate evaluate_batch
        evaluate_labels
        explain explain_together foreground_background from_uploads get_method gini given_maps grad_cam hide insertion
        intervene intervention
        is_flat layer_focus layer_maps lime lime_growing list_datasets list_methods list_models list_splits
        load_dataset load_model normalize open_picture partners siblings perturb pool predict randomisation untrained
        rectify register register_dataset register_layout register_model
        run_pictures saliency superpixels textured_digits to_npz to_quantus true_classes trust_map
        unregister unregister_dataset unregister_model upsample with_edits
    """
    assert set(xai.__all__) == set(names.split())
    assert all(getattr(xai, name).__doc__ for name in xai.__all__)


def test_the_core_can_be_used_where_streamlit_is_not_installed():
    code = "import sys; sys.modules['streamlit'] = None; import xai_core, xai_core.figures; print('fine')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "fine", done.stderr


def test_tests_share_by_support_and_import_no_test():
    wrong = []
    for name in TESTS:
        for found in imports(name):
            if any(part.startswith("test_") or part == "conftest" for part in found.split(".")[:-1]):
                wrong.append(f"{name} imports {found}")
    assert wrong == []
