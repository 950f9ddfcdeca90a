"""What axe finds on a page as it is shown, in both themes.

Charts are images with a text: what Plotly draws inside is thousands of nodes of SVG that nobody hears.
"""

from importlib.resources import files

# (rule of axe, selector, why): what Streamlit's own elements do and a page cannot change.
OF_STREAMLIT = (
    ("region", "#stFloatingOverlayPortal", "Tooltips of all of Streamlit's elements hang beside its main."),
)
GROUNDS = {"light": "rgb(255, 255, 255)", "dark": "rgb(18, 22, 28)"}
# Off by default: a control that is called otherwise than its label reads cannot be spoken to.
EVERYTHING = {"rules": {"label-content-name-mismatch": {"enabled": True}}}
COLOURS = {"runOnly": ["color-contrast"]}  # all that a second theme changes
# Colours do not fade over while axe looks, nor does what a clock replaces meanwhile turn pale: with no transition it
# would at once, where a visitor, for whom it waits half a second, never sees it.
_STILL = "*{transition:none!important;animation:none!important}[data-stale=true]{opacity:1!important}"
_RUN = """async (options) => {
  const { violations } = await axe.run({ exclude: [".js-plotly-plot"] }, { ...options, resultTypes: ["violations"] });
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target, html, failureSummary }) =>
    ({ rule: id, target: target.join(" "), html: html.slice(0, 200), why: failureSummary })));
}"""


# While a page is drawn again its style sheet is away for a moment, and Streamlit's own captions are paler.
_STYLED = """() => !document.querySelector("[data-stale=true]") &&
  [...document.querySelectorAll("[data-testid=stCaptionContainer]")].every((one) => getComputedStyle(one).opacity > 0.7)
"""


def at_rest(tab):
    """Nothing runs, and what is there is drawn as the page draws it: axe would measure what is about to go."""
    tab.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
    tab.locator("[data-testid=stStatusWidget]").wait_for(state="detached")
    tab.wait_for_function(_STYLED)


def audit(tab, themes=("dark", "light")):
    """What axe finds on a whole page, a text for each finding; the page is left in the last of the themes."""
    at_rest(tab)
    size = tab.viewport_size
    height = tab.evaluate("(document.querySelector('.stMain') ?? document.body).scrollHeight")
    tab.set_viewport_size({"width": size["width"], "height": height + 200})  # axe sees no colours beyond the window
    tab.add_style_tag(content=_STILL)
    if not tab.evaluate("() => 'axe' in window"):
        tab.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text())
    found = []
    for theme, options in zip(themes, (EVERYTHING, COLOURS), strict=False):
        tab.emulate_media(color_scheme=theme)
        tab.wait_for_function(
            "c => getComputedStyle(document.querySelector('.stApp')).backgroundColor === c", arg=GROUNDS[theme]
        )
        at_rest(tab)
        found += [
            f"{theme}: {one['rule']}: {one['html']} {one['why']}"
            for one in tab.evaluate(_RUN, options)
            if ours(tab, one)
        ]
    tab.set_viewport_size(size)
    return found


def ours(tab, finding):
    """Whether a finding is about something that the pages could do otherwise."""
    return not any(
        rule == finding["rule"]
        and tab.evaluate("([one, which]) => document.querySelector(one)?.matches(which)", [finding["target"], selector])
        for rule, selector, _ in OF_STREAMLIT
    )
