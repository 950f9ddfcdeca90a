"""How long a page is."""

_LENGTH = "document.querySelector('[data-testid=stMain]').scrollHeight"
WIDTH, HEIGHTS, MOST = 1280, (800, 720), 3


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
