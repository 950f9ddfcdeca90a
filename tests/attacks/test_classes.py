"""The file of the classes that vote, damaged on the disk."""

import pytest

from app.classroom import store
from xai_core.errors import XaiError


def test_damage_that_the_message_itself_holds_is_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setenv("XAI_RUNS", str(tmp_path))
    code = store.begin("dial", "me")
    place = tmp_path / store.FILE
    content = place.read_bytes()
    assert b"CREATE TABLE voters" in content
    place.write_bytes(content.replace(b"CREATE TABLE voters", b"CREATE \xdfABLE voters"))
    with pytest.raises(XaiError, match=r"kept in classes\.sqlite.*cannot be used"):
        store.find(code)
