"""Rules for roles: who gets which, and files that are refused and not passed over."""

import itertools

import pytest

from xai_core.errors import XaiError
from xai_core.roles import VARIABLE, Role, read_roles, roles

WHOLE = """
ask = "Ada, room 12"
hours = 1.5
classes_without_login = true
[train]
emails = ["Ada@Example.org"]
[compute]
domains = ["lab.example.org"]
claims = { groups = ["staff", "phd"], hd = ["example.edu"] }
[look]
domains = ["example.org", "lab.example.org"]
"""
_number = itertools.count()


@pytest.fixture
def read(tmp_path):
    """Reads a file with such a text; each is another file, since one is read once."""

    def reader(text):
        place = tmp_path / f"roles-{next(_number)}.toml"
        place.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_roles(str(place))

    return reader


def verified(email, **more):
    return {"email": email, "email_verified": True} | more


@pytest.mark.parametrize(
    ("claims", "role"),
    [
        (verified("ada@example.org"), Role.TRAIN),  # the highest of those that hold
        (verified(" ADA@EXAMPLE.ORG"), Role.TRAIN),
        ({"email": "ada@example.org", "email_verified": "true"}, Role.TRAIN),  # as some providers send it
        (verified("ben@lab.example.org"), Role.COMPUTE),
        (verified("cleo@example.org"), Role.LOOK),
        (verified("cleo@sub.example.org"), None),  # a domain is that one alone
        (verified("cleo@evilexample.org"), None),
        (verified("ada@example.org@evil.test"), None),
        ({"email": "ada@example.org"}, None),
        ({"email": "ada@example.org", "email_verified": False}, None),
        ({"email": "ada@example.org", "email_verified": "no"}, None),
        ({"email": None, "email_verified": True}, None),
        (verified(""), None),
        ({"groups": ["choir", "phd"]}, Role.COMPUTE),
        ({"groups": "staff"}, Role.COMPUTE),  # one value in place of a list
        ({"groups": "staffroom"}, None),
        ({"groups": {"staff": 1}}, None),
        ({"groups": [["staff"], 3, None]}, None),
        ({"hd": "example.edu"}, Role.COMPUTE),
        ({"role": "train", "roles": ["train"]}, None),  # what an account says of itself is no rule
        ({}, None),
    ],
)
def test_the_highest_rule_that_holds_gives_the_role(read, claims, role):
    assert read(WHOLE).role(claims) is role


def test_what_else_the_file_says(read):
    found = read(WHOLE)
    assert (found.ask, found.hours, found.classes_without_login) == ("Ada, room 12", 1.5, True)
    least = read('ask = "Ada"\n[look]\nemails = ["a@b.org"]')
    assert (least.hours, least.classes_without_login) == (12, False)


LOOK = '[look]\nemails = ["a@b.org"]'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "whom people can ask"),
        (f'ask = " "\n{LOOK}', "whom people can ask"),
        (f"ask = 3\n{LOOK}", "whom people can ask"),
        ('ask = "Ada"', "[look], [compute], [train] is in it"),
        ('ask = "Ada"\n[looks]\nemails = ["a@b.org"]', "'looks' is not known at its top"),
        ('ask = "Ada"\n[look]\nemail = ["a@b.org"]', "'email' is not known in [look]"),
        ('ask = "Ada"\n[look]', "[look] names nobody"),
        ('ask = "Ada"\n[look]\nemails = []', "[look] names nobody"),
        ('ask = "Ada"\nlook = "everyone"', "'look' must be a table"),
        ('ask = "Ada"\n[look]\nemails = "a@b.org"', "must be a list of texts"),
        ('ask = "Ada"\n[look]\nemails = [1]', "must be a list of texts"),
        ('ask = "Ada"\n[look]\nemails = ["b.org"]', "'b.org' in [look] is no e-mail address"),
        ('ask = "Ada"\n[look]\ndomains = ["*"]', "is no domain"),
        ('ask = "Ada"\n[look]\ndomains = ["*.b.org"]', "is no domain"),
        ('ask = "Ada"\n[look]\ndomains = ["@b.org"]', "is no domain"),
        ('ask = "Ada"\n[look]\ndomains = ["org"]', "is no domain"),
        ('ask = "Ada"\n[look]\nclaims = ["staff"]', "must be a table of names"),
        ('ask = "Ada"\n[look]\nclaims = { groups = "staff" }', "the claim 'groups' in [look] must be a list"),
        ('ask = "Ada"\n[look]\nclaims = { groups = [""] }', "must be a list of texts"),
        (f'ask = "Ada"\nhours = 0\n{LOOK}', "above 0, up to 720"),
        (f'ask = "Ada"\nhours = nan\n{LOOK}', "above 0, up to 720"),
        (f'ask = "Ada"\nhours = true\n{LOOK}', "above 0, up to 720"),
        (f'ask = "Ada"\nhours = 721\n{LOOK}', "above 0, up to 720"),
        (f'ask = "Ada"\nclasses_without_login = "no"\n{LOOK}', "must be true or false"),
        ("ask = ", "is no TOML file"),
        (b"\xff", "is no TOML file"),
    ],
)
def test_a_file_that_says_what_nobody_understands_is_refused(read, text, said):
    with pytest.raises(XaiError) as caught:
        read(text)
    assert said in str(caught.value)


def test_without_the_variable_there_is_no_login_and_an_empty_one_is_a_mistake(monkeypatch, tmp_path):
    monkeypatch.delenv(VARIABLE, raising=False)
    assert roles() is None
    for place in ("", str(tmp_path / "none.toml"), str(tmp_path)):
        monkeypatch.setenv(VARIABLE, place)
        with pytest.raises(XaiError, match=f"{VARIABLE} names .* cannot be read"):
            roles()
