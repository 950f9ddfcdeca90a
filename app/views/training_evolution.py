"""Training Evolution: every test picture's prediction at every epoch, and what the model looked at by then."""

from __future__ import annotations

import streamlit as st

from app import frame, notices, state, training_panel
from app.evolution.attention import show_attention
from app.evolution.choose import choose
from app.evolution.comparison import show_comparison
from app.evolution.confusion import show_confusion
from app.evolution.elsewhere import elsewhere
from app.evolution.export import files_of, make_report, stem_of
from app.evolution.figure import show_evolution
from app.evolution.findings import show_findings
from app.evolution.runs import OpenedRun


def main() -> None:
    frame.begin("training_evolution")
    bar = frame.place_of_bar()
    chosen = choose()
    if chosen is None:
        notices.not_chosen("a run")
        return
    job = chosen.job if isinstance(chosen, OpenedRun) else chosen
    if job is not None:
        training_panel.show(job)
    if not isinstance(chosen, OpenedRun):
        if not chosen.alive:
            return
        st.caption("The figures appear with the first whole epoch.")
        return
    notices.missing(state.settle([(name, name) for name in chosen.run.pictures]))
    if frame.presenting():
        show_evolution(chosen)
        show_findings(chosen)
    else:
        show_findings(chosen)
        show_evolution(chosen)
    there = elsewhere(chosen)
    state.keep_as(there)
    frame.picture_bar(bar, "training_evolution", lambda page: there)  # in the figure's order
    attention = st.container()  # filled last: it takes longest, and what stands below need not wait for it
    with st.expander("Which classes were mixed up when?", key="matrix-by-epoch"):
        show_confusion(chosen)
    with st.expander(
        "How does it compare with another run?", key="beside-run", expanded=bool(st.query_params.get("beside"))
    ):
        show_comparison(chosen)
    name = f"evolution-{stem_of(chosen.run)}"
    frame.offer_export(name, lambda board: make_report(board, chosen), files_of(chosen))
    with attention:
        if job is not None and job.alive:
            st.caption("When the training has ended, this page says when the model began to look at the object.")
        else:
            show_attention(chosen)


main()
