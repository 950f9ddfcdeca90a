"""Each browser gets a random name once, which no script can read."""

import asyncio
import re

import pytest

from app.server.visitors import COOKIE, Visitors

HTML = [(b"content-type", b"text/html; charset=utf-8")]


def cookies(path="/classroom", sent="", status=200, headers=HTML, scheme="http"):
    """What an answer sets."""

    async def answer(scope, receive, send):
        await send({"type": "http.response.start", "status": status, "headers": list(headers)})
        await send({"type": "http.response.body", "body": b""})

    got = []

    async def send(message):
        got.append(message)

    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "scheme": scheme,
        "headers": [(b"cookie", sent.encode("latin-1"))],
    }
    asyncio.run(Visitors(answer)(scope, None, send))
    return [value.decode() for name, value in got[0]["headers"] if name.lower() == b"set-cookie"]


def test_a_new_browser_gets_a_name_and_keeps_it_for_another_day():
    (first,), (second,) = cookies(), cookies()
    assert first != second
    pair, *rules = first.split("; ")
    assert pair.startswith(f"{COOKIE}=")
    assert {"HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=86400"} == set(rules)
    assert cookies(sent=pair) == [first]


@pytest.mark.parametrize(
    "other",
    [
        'prefs={"a":"b c"}',
        "{bad",
        "flag",
        "a/b=1",
        "x@y=1",
        "x=[1, 2]",
        "name=Zo\u00eb",
        "a b=1",
        "consent=a,b c",
        "\x00",
        ";;;=",
    ],
)
def test_other_cookies_take_no_name_away(other):
    (first,) = cookies()
    pair = first.split("; ")[0]
    for sent in (f"{other}; {pair}", f"{pair}; {other}"):
        assert cookies(sent=sent) == [first]


@pytest.mark.parametrize("sent", ["", f"{COOKIE}=", f"{COOKIE}=short", f"{COOKIE}={'a' * 400}", "a=b;;;="])
def test_what_is_no_name_is_replaced(sent):
    (found,) = cookies(sent=sent)
    assert re.match(rf"{COOKIE}=[\w-]{{22}};", found)


def test_only_pages_give_names():
    assert cookies(path="/_stcore/health") == []
    assert cookies(path="/static/js/index.js", headers=[(b"content-type", b"text/javascript")]) == []
    assert cookies(path="/favicon.png", headers=[(b"content-type", b"image/png")]) == []
    assert len(cookies(status=304, headers=[])) == 1  # the page that the browser has


def test_over_https_it_goes_over_https_only():
    assert cookies(scheme="https")[0].endswith("; Secure")
