"""`--json`: one object on the standard output, whatever else is printed there."""

import json
import os

from tests.support.command import study


def test_what_libraries_print_goes_to_the_standard_error(tmp_path, capfd, monkeypatch):
    import xai_core.questions.layers.study as layers

    look = layers.read_some

    def loud(*given):
        print("by Python")
        os.write(1, b"below Python\n")
        os.system("echo by a child process")
        return look(*given)

    monkeypatch.setattr(layers, "read_some", loud)
    assert study("layers", tmp_path / "out", "--limit", 8, "--json") == 0
    said = capfd.readouterr()
    assert json.loads(said.out)["exit_code"] == 0
    for words in ("by Python", "below Python", "by a child process"):
        assert words in said.err
    print("afterwards")
    assert capfd.readouterr().out == "afterwards\n"
