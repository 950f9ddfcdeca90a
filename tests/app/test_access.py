"""What each role can do on the pages, and what is said in place of what it cannot."""

import json

import pytest
from PIL import Image

import xai_core as xai
from app import access, jobs, paths, training_form, training_panel
from app.classroom import store
from app.classroom.asked import ASKED
from app.server import accounts
from tests.support.pages import open_page, run, text
from tests.support.trainings import settings
from xai_core import training
from xai_core.roles import VARIABLE, Role
from xai_core.shipped import RUNS

ASK = "To get it, ask Ada, room 12."
LOOKS = f"your account has the role 'look'. {ASK}"


@pytest.fixture
def as_role(tmp_path, monkeypatch):
    """Lets the pages be seen by an account with a role, or by nobody."""
    (tmp_path / "roles.toml").write_text('ask = "Ada, room 12"\n[look]\ndomains = ["example.org"]')
    monkeypatch.setenv(VARIABLE, str(tmp_path / "roles.toml"))
    monkeypatch.setenv("XAI_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("XAI_DATA_ROOTS", str(tmp_path))

    def become(role, key="cleo"):
        who = accounts.Account(key, f"{key}@example.org", role)
        monkeypatch.setattr(access, "account", lambda: None if role is None else who)

    become(Role.LOOK)
    return become


@pytest.fixture
def pictures(tmp_path):
    Image.new("RGB", (40, 40)).save(tmp_path / "a.png")
    return tmp_path


def labels(at):
    return [button.label for button in at.button]


# without a log-in


def test_without_roles_nothing_is_asked_and_nothing_is_refused(monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    assert [access.refusal(role, "It") for role in Role] == ["", "", ""]
    assert (access.account(), access.owner()) == (None, "")
    at = open_page("training_evolution")
    assert "Train a model" in labels(at)
    assert not {"Log in", "Log out"} & set(labels(at))


# to look


def test_who_is_not_logged_in_sees_no_page(as_role):
    as_role(None)
    for page in ("start", "layer_explorer", "training_evolution", "classroom"):
        at = open_page(page)
        assert [title.value for title in at.title] == ["Log in"]
        assert labels(at) == ["Log in"]
        assert not at.sidebar.children


def test_the_page_shows_who_is_logged_in_and_the_way_out(as_role):
    at = open_page("dial")
    assert "cleo@example.org" in at.sidebar.expander[0].label.replace("\\", "").replace("\N{WORD JOINER}", "")
    assert "role 'look' and may look at what this server offers" in text(at)
    assert "Log out" in labels(at)


def test_included_data_and_models_are_there_for_all_up_to_what_a_page_begins_with(as_role):
    title = next(info.title for info in xai.list_datasets() if info.key == "textured_digits_shortcut")
    at = open_page("layer_explorer", data=title, n="150")
    assert "Looking at more than 32 pictures takes the role 'compute'" in text(at)
    assert "32 pictures · " in text(at)
    at.number_input(key="n").set_value(150)  # which no browser lets one type
    assert "32 pictures · " in text(run(at))


# folders, files and uploads


def test_a_link_with_a_folder_says_why_it_is_not_opened(as_role, pictures):
    said = f"Opening a folder or file by its path takes the role 'compute' on this server, and {LOOKS}"
    for place in (str(pictures), str(pictures / "none")):  # whether or not anything is there
        at = open_page("layer_explorer", data="Folder", path=place, study=place, model="Checkpoint", weights=place)
        assert text(at).count(said) == 3  # of pictures, model and study, each once
    at = open_page("layer_explorer", data="Upload", model="Checkpoint", weights="hf:microsoft/resnet-18")
    assert text(at).count(said) == 1
    as_role(Role.COMPUTE)
    assert paths.allowed(str(pictures)) == pictures


def test_where_people_log_in_folders_must_be_named(as_role, pictures, monkeypatch):
    as_role(Role.TRAIN)
    monkeypatch.delenv("XAI_DATA_ROOTS")
    with pytest.raises(xai.DataError, match="XAI_DATA_ROOTS does not say which folders"):
        paths.allowed(str(pictures))


def test_recorded_trainings_are_open_to_all_by_their_paths(as_role):
    for _, place in RUNS.values():
        assert paths.allowed(str(place)).is_dir()
    with pytest.raises(xai.XaiError, match="takes the role 'compute'"):
        paths.allowed(f"{place}/../..")


def test_in_place_of_an_upload_a_sentence_stands(as_role):
    for url, what in (
        ({"page": "layer_explorer", "data": "Upload"}, "Uploading pictures"),
        ({"page": "training_evolution", "run": "Upload"}, "Uploading a record"),
    ):
        at = open_page(**url)
        assert f"{what} takes the role 'compute' on this server, and {LOOKS}" in text(at)
        assert not at.get("file_uploader")


# what takes long


def test_a_check_of_a_map_is_not_begun(as_role):
    at = open_page("layer_explorer", n="2")
    assert f"A check of a map takes the role 'compute' on this server, and {LOOKS}" in text(at)
    for what in ("Uploading maps", "Deletion by layer", "Compare with random weights"):
        assert f"{what} takes the role 'compute'" in text(at)
    assert not {"Deletion by layer", "Compare with random weights"} & {one.label for one in at.toggle}
    assert "Check" not in labels(at)
    as_role(Role.COMPUTE)
    assert "Check" in labels(run(at))


def test_a_method_that_draws_samples_is_not_run(as_role):
    at = open_page("misclassifications", n="6")
    assert "Running LIME takes the role 'compute'" in text(at)
    assert not any(label.startswith("Run ") for label in labels(at))


def test_an_attack_is_not_begun(as_role):
    at = open_page("foreground", n="2")
    assert "An attack on the pictures takes the role 'compute'" in text(at)
    assert not any(label.startswith("Attack ") for label in labels(at))


def test_an_account_waits_for_so_many_computations_only(as_role, monkeypatch):
    monkeypatch.setenv("XAI_ACCOUNT_WAITING", "0")
    at = open_page("layer_explorer", n="1", data="Sample photos", method="Saliency")
    assert "Your account waits for 0 computations in other tabs" in text(at)


def test_accounts_are_counted_apart_and_kept_results_not_at_all(monkeypatch):
    monkeypatch.setenv("XAI_ACCOUNT_WAITING", "1")
    queue = jobs.queue.Queue()

    def ask(key, whose, compute=lambda: 1):
        return queue.get("test", key, compute, keep=4, tell=lambda before: None, whose=whose)

    def others():
        with pytest.raises(jobs.queue.CrowdedError, match="XAI_ACCOUNT_WAITING"):
            ask("b", "ada")
        return queue._waiting["ada"]

    assert ask("a", "ada", others) == 1
    assert ask("a", "ada") == ask("b", "ada") == 1
    assert queue._waiting["ada"] == 0


# trainings


@pytest.mark.parametrize("role", [Role.LOOK, Role.COMPUTE])
def test_a_training_is_neither_begun_nor_stopped_nor_deleted(as_role, role, monkeypatch):
    as_role(role)
    at = open_page("training_evolution")
    assert "Training a model takes the role 'train'" in text(at)
    assert "Train a model" not in labels(at)
    for name in ("start", "stop", "delete", "resume"):
        monkeypatch.setattr(training, name, lambda *_, **__: pytest.fail("it was done"))
    shown = []
    monkeypatch.setattr(training_form.st, "error", lambda said, **_: shown.append(said))
    training_form._begin("digits", {"name": "mine"})
    assert "Training a model takes the role" in shown[0]
    training_panel._stop(None)


def test_an_account_has_so_many_trainings_under_way(as_role, monkeypatch):
    monkeypatch.setenv("XAI_ACCOUNT_TRAININGS", "1")
    monkeypatch.setattr("xai_core.training.jobs.state.is_alive", lambda folder: True)
    monkeypatch.setattr("xai_core.training.jobs.control.spawn", lambda folder: None)
    for owner in ("ada", "ben", "", ""):  # without accounts it does not count
        assert training.read_job(training.start(settings(), owner=owner)).owner == owner
    with pytest.raises(xai.TrainingError, match=r"Your account has 1 training .*XAI_ACCOUNT_TRAININGS"):
        training.start(settings(), owner="ada")


def test_what_is_begun_on_the_page_belongs_to_the_account(as_role, monkeypatch):
    as_role(Role.TRAIN)
    monkeypatch.setattr("xai_core.training.jobs.control.spawn", lambda folder: None)
    monkeypatch.setattr(training_form.st, "rerun", lambda: None)
    training_form._begin("digits", {"epochs": 1})
    (described,) = training.runs_folder().glob("*/job.json")
    assert json.loads(described.read_text())["owner"] == "cleo"


# classes


def test_a_class_is_begun_and_led_by_those_who_train(as_role, monkeypatch):
    as_role(Role.COMPUTE)
    at = open_page("classroom")
    assert "Beginning a class takes the role 'train'" in text(at)
    assert "Begin a class" not in labels(at)
    code = store.begin(next(iter(ASKED)), "mine")
    monkeypatch.setattr("app.server.visitor", lambda: "mine")
    at = open_page("classroom", code=code)
    assert "Leading a class takes the role 'train'" in text(at)
    assert not [one for one in at.button if one.key in ("next-question", "end-class")]
    as_role(Role.TRAIN)
    assert "Begin a class" in labels(open_page("classroom"))
    assert "First question" in labels(open_page("classroom", code=code))


@pytest.mark.parametrize("open_to_phones", [True, False])
def test_phones_join_a_class_without_a_login_where_the_file_says_so(as_role, tmp_path, monkeypatch, open_to_phones):
    said = 'ask = "Ada"\n[look]\ndomains = ["example.org"]\n'
    (tmp_path / "phones.toml").write_text(f"classes_without_login = {str(open_to_phones).lower()}\n{said}")
    monkeypatch.setenv(VARIABLE, str(tmp_path / "phones.toml"))
    code = store.begin(next(iter(ASKED)), "teacher")
    as_role(None)
    assert ("You are in" in text(open_page("classroom", code=code))) == open_to_phones
    for page, url in (("classroom", {}), ("classroom", {"code": "AAAAAA"}), ("dial", {"code": code})):
        assert labels(open_page(page, **url)) == ["Log in"]
    if open_to_phones:
        at = open_page("classroom", code=code)
        assert not at.sidebar.button
        assert "help" not in [one.key for one in at.button]  # there are no shortcuts on a phone


# the access log


def test_the_log_has_keys_and_no_paths(as_role, monkeypatch, tmp_path, pictures):
    monkeypatch.setenv("XAI_ACCESS_LOG", str(tmp_path / "log"))
    as_role(Role.COMPUTE)
    at = open_page("layer_explorer", data="Folder", path=str(pictures), n="1")
    run(at)  # which shows the same
    open_page("training_evolution")
    access.recorded(lambda: 3, "download", file="Report (HTML)")()
    text = (tmp_path / "log").read_text()
    lines = [json.loads(line) for line in text.splitlines()]
    assert [(one["event"], one.get("page"), one.get("data")) for one in lines] == [
        ("page", "layer_explorer", "folder"),
        ("page", "training_evolution", None),
        ("download", None, None),
    ]
    assert {one["account"] for one in lines} == {"cleo@example.org"}
    assert lines[0]["model"] in {info.key for info in xai.list_models()}
    assert lines[1]["run"] in RUNS
    assert lines[2]["file"] == "Report (HTML)"
    assert str(tmp_path) not in text
