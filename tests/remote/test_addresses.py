"""What is an address, and that nothing secret is in one."""

import pytest

import xai_core as xai
from tests.support.command import study
from xai_core.remote import Address, canonical, is_address

SECRET = "planted-secret"
WITH_SECRETS = [
    f"https://me:{SECRET}@host/zoo",
    f"https://{SECRET}@host/zoo",
    f"https://host/zoo?X-Amz-Signature={SECRET}",
    f"https://host/model.pth#{SECRET}",
    f"https://me:{SECRET}/x@host/zoo",
    f"s3://me:{SECRET}@bucket/zoo",
    f"az://container/zoo?sig={SECRET}",
]


@pytest.mark.parametrize("text", WITH_SECRETS)
@pytest.mark.parametrize("call", [Address.parse, canonical, xai.load_dataset, xai.load_model, xai.list_splits])
def test_an_address_with_a_secret_is_refused_in_words_that_do_not_repeat_it(call, text):
    with pytest.raises(xai.DataError, match="was not taken") as caught:
        call(text)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("text", WITH_SECRETS)
@pytest.mark.parametrize("option", ["--data", "--model", "--out", "--classes"])
@pytest.mark.parametrize("more", [(), ("--json",)])
def test_the_command_repeats_no_secret_and_writes_none(more, option, text, tmp_path, capsys):
    with pytest.MonkeyPatch.context() as here:
        here.chdir(tmp_path)
        try:
            code = study("layers", "out", option, text, *more)
        except SystemExit as ended:
            code = ended.code
    said = capsys.readouterr()
    assert code == 2
    assert "was not taken" in said.out + said.err
    assert SECRET not in said.out + said.err
    assert list(tmp_path.iterdir()) == []


def test_of_several_models_each_is_looked_at(tmp_path, capsys):
    assert study("layers", tmp_path / "out", "--model", f"digits,{WITH_SECRETS[0]}") == 2
    said = capsys.readouterr()
    assert SECRET not in said.out + said.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "text", ["file:///etc", "ftp://host/x", "zip://x.zip::s3://bucket/y", "simplecache::s3://bucket/y"]
)
def test_other_addresses_are_refused_with_those_that_are_taken(text):
    assert is_address(text)
    with pytest.raises(xai.DataError, match="Addresses begin with s3://, gs://"):
        xai.load_dataset(text)


@pytest.mark.parametrize(
    "text", ["s3://bucket/a/../b", "https://host/%2e%2e/x", "s3://bucket//x", "https://host/a\x07"]
)
def test_no_part_leads_elsewhere(text):
    with pytest.raises(xai.DataError, match="no part of it may be"):
        Address.parse(text)


def test_a_package_that_is_missing_is_named(monkeypatch):
    monkeypatch.setattr("xai_core.remote.address.find_spec", lambda name: None)
    with pytest.raises(
        xai.DataError, match=r"s3:// addresses need the package s3fs: pip install 'xai-core\[remote\]'$"
    ):
        xai.load_dataset("s3://bucket/zoo")
    with pytest.raises(xai.DataError, match=r"gs:// .* gcsfs: pip install 'xai-core\[remote\]' gcsfs$"):
        xai.load_dataset("gs://bucket/zoo")


def test_where_the_folders_are_said_no_address_is_read(monkeypatch, tmp_path):
    monkeypatch.setenv("XAI_DATA_ROOTS", str(tmp_path))
    for call in (xai.load_dataset, xai.load_model, xai.list_splits):
        with pytest.raises(xai.DataError, match="The address was not opened"):
            call("http://127.0.0.1:1/zoo")
