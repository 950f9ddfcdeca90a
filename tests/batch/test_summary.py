"""Summaries of real studies hold what their schema says."""

import json

import jsonschema
import pytest

from tests.support.command import study, summary
from xai_core.batch.summary import summary_schema

SCHEMA = jsonschema.Draft202012Validator(summary_schema())


@pytest.mark.parametrize("kind", ["layers", "foreground", "misclassified"])
def test_summaries_fit_the_schema(kind, request):
    found = summary(request.getfixturevalue(f"{kind}_out"))
    SCHEMA.validate(found)
    assert set(found) == set(summary_schema()["properties"])


@pytest.mark.parametrize(
    "broken", [{"headline": None}, {"numbers": {"n": "20"}}, {"left_out": [{"picture": "a"}]}, {"tone": "green"}]
)
def test_what_does_not_fit_is_refused(broken, layers_out):
    assert not SCHEMA.is_valid(summary(layers_out) | broken)


def test_a_command_prints_what_the_file_holds(layers_out, capsys):
    assert study("layers", layers_out, "--limit", 20, "--json") == 0
    said = json.loads(capsys.readouterr().out)
    held = summary(layers_out)
    assert held.pop("study")
    assert said == {"exit_code": 0, "folder": str(layers_out), "summary": held, "workers": {}}  # nothing was left to do
