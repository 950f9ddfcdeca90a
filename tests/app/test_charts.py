"""Charts, whose letters are dark enough in the files that are saved of them."""

import gc

import plotly.graph_objects as go

from app import charts


def test_a_chart_is_copied_once_and_left_as_it_is():
    figure = go.Figure(go.Heatmap(z=[[1, 2]], coloraxis="coloraxis"), go.Layout(xaxis_title="Epoch", coloraxis_cmin=0))
    before = figure.to_plotly_json()
    copy = charts.inked(figure)
    layout = copy.layout
    places = (
        layout.font,
        layout.xaxis.title.font,
        layout.xaxis.tickfont,
        layout.yaxis.tickfont,
        layout.coloraxis.colorbar.tickfont,
    )
    assert {place.color for place in places} == {charts.INK}
    assert charts.inked(figure) is copy
    assert figure.to_plotly_json() == before
    assert copy.data == figure.data


def test_the_copy_goes_with_its_chart():
    gc.collect()
    held = len(charts._inked)
    figure = go.Figure()
    charts.inked(figure)
    assert len(charts._inked) == held + 1
    del figure
    gc.collect()
    assert len(charts._inked) == held
