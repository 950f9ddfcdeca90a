"""What every page looks like beyond the theme, and what it says to those who hear it: contrast, icons, focus."""

from __future__ import annotations

import streamlit as st

# Streamlit dims captions to 60 %, below the contrast of 4.5 that small type needs; its white on the dark theme's
# light buttons has 2.4, its colours of code 2.9, its grey of what stands at a chart's axes on the light theme 3.7.
# That of the charts themselves (`charts.INK`) is for files, and stays until the page is drawn again.
# `light-dark` goes by the theme that is shown, not by the system's. The bar of a page stays in view, but on a window
# that it would fill. Columns stand below one another where each would be narrower than a phone; Streamlit does that
# only where the window itself is. Streamlit shows the bar of what scrolls sideways only under the mouse. Segments are
# as high as other controls, so that labels in a row are on one level. On a low window all stands closer, so that a page
# has no more than three screens.
_STYLE = """<style>
.stMainBlockContainer{padding:3rem 3rem 2rem}
@media (max-width:1000px){.stMainBlockContainer{padding:3rem 2rem 2rem}}
@media (max-width:640px){.stMainBlockContainer{padding:3rem 1rem 2rem}}
@media (max-width:640px),(pointer:coarse){.stButton button kbd{display:none}}
[data-testid=stCaptionContainer]{opacity:.78}
.js-plotly-plot text[style*="rgb(128, 132, 149)"]{fill:#5A6070!important}
.js-plotly-plot text[style*="rgb(90, 96, 112)"]{fill:light-dark(#5A6070,#A3A8B4)!important}
button[kind^=primary]:not(:disabled),button[kind^=primary]:not(:disabled) *,
.stMultiSelect span[title],.stMultiSelect span[title]~*
{color:light-dark(#fff,#04211f)}
button[kind^=primary]:hover:not(:disabled),button[kind^=primary]:hover:not(:disabled) *{color:#fff!important}
.stMarkdown h2,[class*=st-key-start-card-] h2{font-size:1.15rem;font-weight:600;padding:.5rem 0}
.token.keyword,.token.boolean,.token.number{color:light-dark(#0B5CAD,#7CC0F8)!important}
.token.string{color:light-dark(#0B6B2B,#7BD88F)!important}
.token.comment{color:light-dark(#59636E,#A9B4BF)!important}
.st-key-hearing,.st-key-history{display:none}
.st-key-picture-bar strong{display:inline-block;max-width:12rem;overflow:hidden;text-overflow:ellipsis;
vertical-align:bottom;white-space:nowrap}
.stMain [data-testid=stHorizontalBlock]{row-gap:1rem}
.stMain .st-key-most-confused{row-gap:0}
[class*=st-key-group-row-]>:has([data-testid=stTextInput]){min-width:min(100%,20rem)}
[data-variant=segmented_control]{min-height:2.5rem}
@media (max-width:1000px){
.stMain [data-testid=stHorizontalBlock]{flex-wrap:wrap}
.stMain [data-testid=stColumn]{min-width:min(100%,18rem)}
}
[data-testid=stPageLink] *,[data-testid=stMetricLabel] *,[data-testid=stMetricDelta] *{white-space:normal!important}
[data-testid=stRadioOption]:not([data-selected])>div>div:first-child{border-color:#8A8F98}
.st-key-wide{overflow-x:auto;--on:"It goes on to the right: swipe or scroll."}.st-key-wide>div{min-width:600px}
@media (max-width:640px){.stMain [data-testid=stRadioOption]{min-height:2.75rem;align-items:center}}
.st-key-wide::before{font-size:.8rem;opacity:.8;position:sticky;left:0}
@media (max-width:640px){.st-key-wide::before{content:var(--on)}}
@media (min-width:641px) and (max-width:1000px){
.stApp:has([data-testid=stSidebar][data-collapsed=false]) .st-key-wide::before{content:var(--on)}}
.stApp :is(.st-key-wide,.xg,.xp){scrollbar-color:#8A8F98 transparent}
.st-key-contents{display:none}
@media (min-width:1000px) and (min-height:561px){
.st-key-contents{display:block}
.stMainBlockContainer{padding-top:2rem}
[data-testid=stLayoutWrapper]:has(>.st-key-bar){position:sticky;top:0;z-index:99;padding:.5rem 0;background:PAGE}
[data-testid=stHeader]{background:transparent;pointer-events:none}
[data-testid=stHeader] *{pointer-events:auto}
}
@media (min-width:1000px) and (max-height:760px){
.stMainBlockContainer{padding-top:.75rem;padding-bottom:1rem}
.stMain [data-testid=stVerticalBlock]{gap:.5rem}
}
</style>"""
# Icons within text are announced by their names ("rule icon"); the text says what they mean. What scrolls sideways can
# be reached with the keyboard.
_JS = """
export default function () {
  const mend = () => {
    for (const icon of document.querySelectorAll('span[role=img][aria-label$=" icon"]')) {
      icon.setAttribute("aria-hidden", "true");
      icon.removeAttribute("role");
      icon.removeAttribute("aria-label");
    }
    for (const wide of document.querySelectorAll(".st-key-wide:not([tabindex])")) wide.tabIndex = 0;
  };
  mend();
  const watch = new MutationObserver(mend);
  watch.observe(document.body, { childList: true, subtree: true });
  return () => watch.disconnect();
}
"""
_hearing = st.components.v2.component("hearing", html="<span></span>", js=_JS)


def page_colour() -> str:
    """The page's background, for what stays in place while the rest scrolls."""
    light, dark = (st.get_option(f"theme.{kind}.backgroundColor") for kind in ("light", "dark"))
    return f"light-dark({light},{dark})"  # the browser knows at once when the theme is switched


def show_look() -> None:
    """The style sheet of all pages, and what their elements say to a screen reader."""
    st.html(_STYLE.replace("PAGE", page_colour()))
    with st.container(key="hearing"):
        _hearing(key="hearing-icons")
