"""The effects of a grid's studies with their intervals."""

import pandas as pd

from xai_core.figures import intervals_figure

TABLE = pd.DataFrame(
    {
        "name": ["<b>, honest − <b>, with a shortcut", "b"],
        "size": [0.4, -0.1],
        "low": [0.2, -0.3],
        "high": [0.6, 0.1],
        "p_holm": [0.01, 0.6],
    }
)


def test_a_pair_has_two_lines_so_that_a_phone_has_room_for_its_interval():
    (row,) = (trace for trace in intervals_figure(TABLE, "difference").data)
    assert list(row.y) == ["b", "&lt;b&gt;, honest −<br>&lt;b&gt;, with a shortcut"]


def test_what_remains_after_correction_is_a_diamond():
    figure = intervals_figure(TABLE, "difference")
    assert list(figure.data[0].marker.symbol) == ["circle", "diamond"]
    assert figure.layout.xaxis.title.text == "difference"
