"""When a page is drawn, how long it is, whether a narrow one cuts the words of its charts, and a click on a point."""

import time
from contextlib import suppress
from functools import wraps

_LENGTH = "document.querySelector('[data-testid=stMain]').scrollHeight"
WIDTH, HEIGHTS, MOST = 1280, (800, 720), 3
_CUT = """() => [...document.querySelectorAll(".js-plotly-plot")].flatMap(chart => {
  const there = chart.getBoundingClientRect();
  return [...chart.querySelectorAll("text")].filter(one => {
    const box = one.getBoundingClientRect();
    return box.width && (box.left < there.left - 1 || box.right > there.right + 1 || box.top < there.top - 1);
  }).map(one => one.textContent);
})"""
_NARROW = "[...document.querySelectorAll('.js-plotly-plot .main-svg')].every(one => one.clientWidth <= WIDTH)"


def drawn(tab):
    """Wait until no run of a page is under way, and nothing that is about to go is left of the last one."""
    tab.locator("[data-testid=stStatusWidget]").wait_for(state="detached")
    tab.wait_for_function("!document.querySelector('[data-stale=true]')")


def fits_three_screens(tab):
    """Whether a page, on which nothing was unfolded yet, has at most three screens, on usual and on low windows."""
    from playwright.sync_api import TimeoutError as TooLong

    before = tab.viewport_size
    for height in HEIGHTS:
        tab.set_viewport_size({"width": WIDTH, "height": height})
        try:  # charts are drawn again
            tab.wait_for_function(f"innerHeight === {height} && {_LENGTH} <= {MOST * height}")
        except TooLong:
            raise AssertionError(f"{tab.evaluate(_LENGTH) / height:.2f} screens of {height} pixels") from None
        finally:
            tab.set_viewport_size(before)
    return True


def cut_words(tab, width=420):
    """What is written in the charts of a page and still reaches beyond them once they fit a window so wide."""
    from playwright.sync_api import TimeoutError as TooLong

    before = tab.viewport_size
    tab.set_viewport_size({"width": width, "height": before["height"]})
    try:  # a chart's box is narrow before what is drawn in it is
        tab.wait_for_function(f"{_NARROW} && !({_CUT})().length".replace("WIDTH", str(width)))
    except TooLong:
        return tab.evaluate(_CUT) or [f"a chart that stays wider than {width} pixels"]
    finally:
        tab.set_viewport_size(before)
    return []


def click_on(tab, point, label, took):
    """Click a point of which its chart says `label` until the page took it: a chart that is just drawn anew may not.

    took: waits for the page's answer, for as many milliseconds as it is given.
    """
    from playwright.sync_api import TimeoutError as TooLong

    said = tab.locator(".hoverlayer").get_by_text(label)
    for _ in range(30):
        point.scroll_into_view_if_needed()
        box = point.bounding_box()  # what stands above may still grow
        tab.mouse.move(box["x"] + box["width"] / 2 - 3, box["y"] + box["height"] / 2)
        tab.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        tab.wait_for_timeout(300)
        if not said.first.is_visible():
            continue
        tab.mouse.down()
        tab.mouse.up()
        try:
            took(10_000)
            return
        except TooLong:
            pass
    raise AssertionError(f"no click on {label!r} was taken")


def unfold(summary):
    """Open what is folded, until it stays open: a page that is just drawn anew may fold it again.

    summary: locator of what is clicked.
    """
    summary.wait_for()
    is_open = "one => one.closest('details').open"
    for _ in range(30):
        if not summary.evaluate(is_open):
            summary.click()
        summary.page.wait_for_timeout(500)
        if summary.evaluate(is_open):
            return
    raise AssertionError(f"{summary} does not stay open")


def patient(action, seconds=30):
    """An action of Playwright's locators that waits while two elements answer to one.

    A page that is drawn anew shows what was there and what comes in its place for a moment, and Playwright gives up at
    once where it is asked for the one of two.
    """
    from playwright.sync_api import Error

    @wraps(action)
    def tried(locator, *args, **kwargs):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            try:
                return action(locator, *args, **kwargs)
            except Error as error:
                if "strict mode violation" not in str(error):
                    raise
            with suppress(Error):
                locator.page.wait_for_timeout(200)
        return action(locator, *args, **kwargs)

    return tried
