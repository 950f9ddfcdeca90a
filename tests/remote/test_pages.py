"""Visitors of the dashboard cannot have its server ask another one; who starts it can have a copy made and opened."""

import os
import subprocess
import sys
from urllib.parse import parse_qs

import pytest

import xai_core as xai
from app import paths
from tests.support.command import zoo
from tests.support.pages import open_page, text
from xai_core.command import dashboard
from xai_core.remote import REFUSAL, Address, access, place


@pytest.mark.parametrize("ask", [paths.allowed, paths.model, paths.data])
@pytest.mark.parametrize("address", ["http://127.0.0.1:1/x", " https://host/x", "s3://bucket/x", "zip::http://host/x"])
def test_no_text_from_the_browser_is_opened_as_an_address(ask, address):
    with pytest.raises(xai.DataError) as caught:
        ask(address)
    assert str(caught.value) == REFUSAL


@pytest.mark.parametrize("choice", ["path", "weights", "study"])
def test_a_link_with_an_address_has_the_page_say_why_and_ask_nobody(choice, web, tmp_path, monkeypatch):
    folder, address, asked, _ = web
    zoo(folder / "zoo", count=1)
    at = {"path": {"data": "Folder"}, "weights": {"model": "Checkpoint"}, "study": {"data": "Folder"}}[choice]
    page = open_page("layer_explorer", **at, **{choice: f"{address}/zoo"})
    assert "The address was not opened" in text(page)
    assert asked == []


def test_the_library_asks_nobody_in_a_process_of_the_dashboard_or_one_that_it_starts(web):
    _, address, asked, _ = web
    code = (
        "import app, subprocess, sys, xai_core as xai\n"
        "try: xai.load_dataset(sys.argv[1])\n"
        "except xai.DataError as error: print(error)\n"
        "print(subprocess.run([sys.executable, '-c', 'import os; print(os.environ[\"XAI_ADDRESSES\"])'], "
        "capture_output=True, text=True).stdout)"
    )
    around = {key: value for key, value in os.environ.items() if key != access.VARIABLE}
    run = [sys.executable, "-c", code, address]
    said = subprocess.run(run, capture_output=True, text=True, check=True, env=around).stdout
    assert said.split("\n")[:2] == [REFUSAL, access.OFF]
    assert asked == []


def test_who_starts_the_dashboard_has_a_copy_opened(web, capsys):
    folder, address, _, _ = web
    zoo(folder / "zoo", count=1)
    query = parse_qs(dashboard._place(f"{address}/zoo", None).partition("?")[2])
    copy = place(Address.parse(f"{address}/zoo"))
    assert query == {"data": ["Folder"], "path": [str(copy)]}
    assert len(list(copy.rglob("*.png"))) == 3
    assert f"Copying 3 files (0.00 GB) from {address}/zoo." in capsys.readouterr().err
