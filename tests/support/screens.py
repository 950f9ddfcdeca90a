"""How long a page is."""

_LENGTH = "document.querySelector('[data-testid=stMain]').scrollHeight"
WIDTH, HEIGHT, MOST = 1280, 800, 3


def fits_three_screens(tab):
    """Whether a page, on which nothing was unfolded yet, is at most three screens of 1280 x 800 long."""
    from playwright.sync_api import TimeoutError as TooLong

    before = tab.viewport_size
    tab.set_viewport_size({"width": WIDTH, "height": HEIGHT})
    try:
        tab.wait_for_function(f"innerWidth === {WIDTH} && {_LENGTH} <= {MOST * HEIGHT}")  # charts are drawn again
    except TooLong:
        raise AssertionError(f"{tab.evaluate(_LENGTH) / HEIGHT:.2f} screens") from None
    finally:
        tab.set_viewport_size(before)
    return True
