"""Figures of object against background: what they draw, in numbers."""

import numpy as np
import pandas as pd
import pytest

from xai_core import figures
from xai_core.figures.palettes import ACCENT, CONTRAST, MUTED
from xai_core.figures.tiles import enlarged

YELLOW, DARK = (255, 235, 59), (20, 20, 20)


def picture(side, seed=0):
    return np.random.default_rng(seed).integers(60, 200, (side, side, 3), dtype=np.uint8)


def block(side, value=1):
    mask = np.zeros((side, side), np.uint8)
    mask[side // 4 : side // 2, side // 4 : 3 * side // 4] = value
    return mask


# outlines


@pytest.mark.parametrize("side", [200, 256])
def test_the_outline_is_at_the_masks_edge_and_nowhere_else(side):
    view, mask = picture(side), block(side)
    before = view.copy()
    found = figures.outlined(view, mask)
    np.testing.assert_array_equal(view, before)
    assert found.shape == view.shape
    assert found.dtype == np.uint8
    changed = (found != view).any(axis=2)
    # Every changed pixel is within two of both sides of the edge, and every edge has the line in its middle.
    inside = mask == 1
    near = np.zeros_like(inside)
    for dy in range(-2, 3):
        for dx in range(-2, 3):
            near |= np.roll(inside, (dy, dx), (0, 1)) != inside
    assert not (changed & ~near).any()
    yellow = (found == YELLOW).all(axis=2)
    top, left, right = side // 4, side // 4, 3 * side // 4
    assert yellow[top - 1 : top + 1, left + 2 : right - 2].any(axis=0).all()
    assert yellow[top + 2 : side // 2 - 2, right - 1 : right + 1].any(axis=1).all()
    assert yellow.sum() == pytest.approx(2 * (side // 4 + side // 2), abs=4)
    assert ((found == YELLOW).all(axis=2) | (found == DARK).all(axis=2))[changed].all()
    assert (found == DARK).all(axis=2).sum() > yellow.sum()


@pytest.mark.parametrize("value", [0, 255])
def test_without_an_object_there_is_no_outline(value):
    view = picture(200)
    np.testing.assert_array_equal(figures.outlined(view, block(200, value)), view)
    np.testing.assert_array_equal(figures.outlined(view, np.ones((200, 200), np.uint8)), view)


@pytest.mark.parametrize(("size", "side"), [(64, 192), (50, 192), (8, 30)])
def test_small_pictures_are_enlarged_before_the_line_is_drawn(size, side):
    view, mask = picture(size), block(size)
    found = figures.outlined(view, mask, side)
    large = enlarged(view, side)
    assert found.shape == large.shape == (side, side, 3)
    yellow = (found == YELLOW).all(axis=2)
    assert 0 < yellow.sum() < 0.2 * side * side
    scale = side / size
    rows, columns = np.nonzero(yellow)
    assert rows.min() == pytest.approx(size // 4 * scale, abs=1)
    assert rows.max() == pytest.approx(size // 2 * scale, abs=1)
    assert columns.min() == pytest.approx(size // 4 * scale, abs=1)
    assert columns.max() == pytest.approx(3 * size // 4 * scale, abs=1)
    changed = (found != large).any(axis=2)
    assert not changed[: int(size // 4 * scale) - 2].any()
    assert not changed[int(size // 4 * scale) + 4 : int(size // 2 * scale) - 4, int(side * 0.4) : side // 2].any()


# differences

FIRST, SECOND = np.array([0.5, 0.2, 0.9, 0.4]), np.array([0.1, 0.6, 0.3, 0.4])
NAMES, PICTURES = ["one", "two", "three", "four"], [10, 20, 30, 40]


def differences(**settings):
    return figures.differences_figure(FIRST, SECOND, NAMES, ("on", "off"), PICTURES, **settings)


def markers(figure):
    return [trace for trace in figure.data if trace.type == "scatter" and trace.mode == "markers" and trace.text]


def test_slopes_join_the_two_conditions_of_each_picture():
    lines = next(trace for trace in differences().data if trace.mode == "lines")
    y, x = np.array(lines.y, float).reshape(-1, 3), np.array(lines.x, float).reshape(-1, 3)
    np.testing.assert_array_equal(y[:, 0], FIRST)
    np.testing.assert_array_equal(y[:, 1], SECOND)
    assert np.isnan(y[:, 2]).all()  # or the pictures would be joined with each other
    np.testing.assert_array_equal(x[:, :2], [[0, 1]] * 4)


def test_points_report_their_pictures_and_are_coloured_by_sign():
    left, right, gap = markers(differences())
    for trace in (left, right, gap):
        assert list(trace.customdata) == PICTURES
        assert list(trace.text) == NAMES
        assert list(trace.marker.color) == [ACCENT, CONTRAST, ACCENT, ACCENT]
    np.testing.assert_array_equal(left.y, FIRST)
    np.testing.assert_array_equal(right.y, SECOND)
    assert set(left.x) == {0}
    assert set(right.x) == {1}
    np.testing.assert_allclose(gap.y, FIRST - SECOND)
    assert "on %{y" in left.hovertemplate
    assert "off %{y" in right.hovertemplate


def test_the_violin_shows_the_differences_with_their_mean_against_zero():
    figure = differences()
    (violin,) = [trace for trace in figure.data if trace.type == "violin"]
    np.testing.assert_allclose(violin.y, FIRST - SECOND)
    assert violin.meanline.visible
    (line,) = figure.layout.shapes
    assert line.y0 == line.y1 == 0
    assert list(figure.layout.xaxis.ticktext) == ["on", "off"]


@pytest.mark.parametrize(("selected", "at"), [(10, 0), (30, 2)])
def test_the_selected_picture_is_marked_on_both_sides(selected, at):
    plain, marked = differences(), differences(selected=selected)
    slope, point = marked.data[len(plain.data) :]
    assert list(slope.x) == [0, 1]
    assert list(slope.y) == [FIRST[at], SECOND[at]]
    np.testing.assert_allclose(point.y, [FIRST[at] - SECOND[at]])
    assert point.x[0] == markers(marked)[2].x[at]
    assert slope.marker.line.color == point.marker.line.color == CONTRAST
    for one, other in zip(plain.data, marked.data, strict=False):
        assert one.to_plotly_json().keys() == other.to_plotly_json().keys()
        np.testing.assert_array_equal(one.y, other.y)


@pytest.mark.parametrize("selected", [None, 0, 11])
def test_a_picture_that_is_not_there_is_not_marked(selected):
    assert len(differences(selected=selected).data) == len(differences().data)


def test_one_picture_and_arrays_for_pictures():
    figure = figures.differences_figure(FIRST[:1], SECOND[:1], ["x"], ("a", "b"), np.array([3]), 3)
    assert list(markers(figure)[0].customdata) == [3]
    figure.to_json()


# forest


def groups():
    return pd.DataFrame(
        {
            "label": ["big", "small", "none", "lost", "minus"],
            "n": [10, 9, 8, 1, 7],
            "d_z": [1.5, 0.4, 0.1, np.nan, -1.2],
            "low": [1.0, 0.1, -0.3, np.nan, -1.9],
            "high": [2.5, 0.9, 0.4, np.nan, -0.8],
            "p_holm": [0.001, 0.2, np.nan, np.nan, 0.0499],
        }
    )


def test_the_forest_is_in_order_from_the_top_without_what_has_no_effect():
    (trace,) = figures.forest_figure(groups(), "label").data
    assert list(trace.y) == ["minus", "none", "small", "big"]  # Plotly counts from the bottom
    assert list(trace.x) == [-1.2, 0.1, 0.4, 1.5]
    assert np.array(trace.customdata)[[0, 2, 3]].tolist() == [7, 9, 10]
    assert np.array(trace.text)[[0, 2, 3]].tolist() == ["p = 0.050", "p = 0.200", "p = 0.001"]


def test_the_forests_intervals_end_at_low_and_high():
    (trace,) = figures.forest_figure(groups(), "label").data
    np.testing.assert_allclose(np.array(trace.x) + np.array(trace.error_x.array), [-0.8, 0.4, 0.9, 2.5])
    np.testing.assert_allclose(np.array(trace.x) - np.array(trace.error_x.arrayminus), [-1.9, -0.3, 0.1, 1.0])
    assert trace.error_x.symmetric is False


def test_the_axis_speaks_of_intervals_only_where_there_are_any():
    few = groups().assign(low=np.nan, high=np.nan)
    assert figures.forest_figure(groups(), "label").layout.xaxis.title.text == "effect d_z, with 95% interval"
    assert figures.forest_figure(few, "label").layout.xaxis.title.text == "effect d_z"


def test_only_what_is_significant_is_coloured():
    (trace,) = figures.forest_figure(groups(), "label").data
    assert list(trace.marker.color) == [CONTRAST, MUTED, MUTED, ACCENT]


def test_a_forest_has_a_line_at_zero_and_takes_any_column_and_no_rows():
    figure = figures.forest_figure(groups().rename(columns={"label": "model"}).assign(model=range(5)), "model")
    assert list(figure.data[0].y) == ["4", "2", "1", "0"]
    (line,) = figure.layout.shapes
    assert line.x0 == line.x1 == 0
    (empty,) = figures.forest_figure(groups().iloc[3:4], "label").data
    assert len(empty.x) == 0


# depth


def layers():
    return pd.DataFrame(
        {
            "layer": ["stem", "z", "a"] * 3,
            "energy_inside": [0.1, 0.5, np.nan, 0.3, 0.6, 0.8, 0.2, 0.7, 0.9],
            "mask_area": [0.2, 0.2, np.nan, 0.3, 0.3, 0.3, 0.4, 0.4, 0.4],
            "mean_outside": 0.25,
        }
    )


def test_depth_shows_means_with_intervals_in_the_layers_order():
    inside, chance = figures.depth_figure(layers(), ["one", "two", "three"], "energy_inside", "mask_area").data
    assert list(inside.x) == list(chance.x) == ["one", "two", "three"]
    np.testing.assert_allclose(inside.y, [0.2, 0.6, 0.85])
    spread = [np.std([0.1, 0.3, 0.2], ddof=1) / 3**0.5, 0.1 / 3**0.5, np.std([0.8, 0.9], ddof=1) / 2**0.5]
    np.testing.assert_allclose(inside.error_y.array, 1.96 * np.array(spread))
    np.testing.assert_allclose(chance.y, [0.3, 0.3, 0.35])
    assert chance.name == "by chance"


@pytest.mark.parametrize("chance", [0.5, np.float64(0.5), 1, 0])
def test_chance_may_be_a_number(chance):
    level = figures.depth_figure(layers(), ["one", "two", "three"], "energy_inside", chance).data[1]
    assert list(level.y) == [chance] * 3
    assert level.name == "by chance"


def test_the_mean_off_the_object_is_called_so():
    figure = figures.depth_figure(layers(), ["one", "two", "three"], "energy_inside", "mean_outside")
    assert figure.data[1].name == "off it"
    np.testing.assert_allclose(figure.data[1].y, [0.25] * 3)


def test_of_one_picture_there_is_no_interval():
    inside = figures.depth_figure(layers()[:2], ["one", "two"], "energy_inside", 0.5).data[0]
    np.testing.assert_allclose(inside.y, [0.1, 0.5])
    np.testing.assert_array_equal(inside.error_y.array, [0, 0])


# interventions

KINDS = {"whole": "whole picture", "swapped": "other background", "object": "object alone"}


def interventions(seed=0, n=4):
    kinds = ["whole", "object", "background", "swapped"]
    p = np.random.default_rng(seed).random(4 * n)
    return pd.DataFrame({"picture": np.repeat(np.arange(n), 4) * 3, "kind": kinds * n, "p": p})


def values(table, kind):
    return table.loc[table["kind"] == kind, "p"].tolist()


def test_a_box_for_each_kind_in_the_order_asked_for():
    table = interventions()
    figure = figures.intervention_figure({"net": table}, KINDS)
    (trace,) = figure.data
    assert list(dict.fromkeys(trace.y)) == list(KINDS.values())
    assert figure.layout.yaxis.autorange == "reversed"  # the first one above
    for key, title in KINDS.items():
        found = [p for p, where in zip(trace.x, trace.y, strict=True) if where == title]
        assert found == values(table, key)
    assert trace.marker.color == ACCENT
    assert trace.boxmean is True
    assert trace.boxpoints == "all"
    assert figure.layout.showlegend is False


@pytest.mark.parametrize("n", [2, 5, 6, 8])
def test_a_series_for_each_model(n):
    tables = {f"net {i}": interventions(i, 3 + i) for i in range(n)}
    figure = figures.intervention_figure(tables, KINDS)
    assert [trace.name for trace in figure.data] == list(tables)
    for trace, table in zip(figure.data, tables.values(), strict=True):
        assert list(trace.x) == [p for key in KINDS for p in values(table, key)]
    assert not {ACCENT, CONTRAST} & {trace.marker.color for trace in figure.data}  # more and less on the object
    assert len({trace.marker.color for trace in figure.data[:5]}) == min(n, 5)
    assert figure.layout.showlegend is True


# dose


def dose(**columns):
    table = {
        "epsilon": [0, 1, 4],
        "accuracy": [1.0, 0.5, 0.0],
        "energy": [0.6, 0.5, 0.4],
        "area": [0.2] * 3,
        "similarity": [1.0, 0.7, 0.2],
        "n": [5] * 3,
    }
    return pd.DataFrame(table | columns)


def test_dose_and_response():
    table = dose()
    figure = figures.dose_figure(table)
    names = ["accuracy", "energy on the object", "an even map", "similarity to the clean maps"]
    assert [trace.name for trace in figure.data] == names
    for trace, column in zip(figure.data, ["accuracy", "energy", "area", "similarity"], strict=True):
        assert list(trace.x) == [0, 1, 4]
        assert list(trace.y) == table[column].tolist()
    assert list(figure.layout.yaxis.range) == [0, 1.03]
    assert len({(trace.line.color, trace.line.dash) for trace in figure.data}) == 4


@pytest.mark.parametrize("similarity", [[1.0, np.nan, -0.4], [-0.4] * 3])
def test_similarities_below_zero_are_within_the_axis(similarity):
    low, high = figures.dose_figure(dose(similarity=similarity)).layout.yaxis.range
    assert low == pytest.approx(-0.45)
    assert high == 1.03


def test_similarities_that_are_not_known_are_no_matter():
    """As `studies.dose_row` gives them where all maps are flat; a warning is an error here."""
    figure = figures.dose_figure(dose(similarity=[np.nan] * 3))
    assert list(figure.layout.yaxis.range) == [0, 1.03]


# a perturbation


def test_no_change_is_grey():
    view = picture(6)
    assert (figures.magnified(view, view.copy()) == 128).all()


@pytest.mark.parametrize("top", [1, 4, 60, 255])
def test_the_largest_change_takes_the_full_range(top):
    before = np.zeros((4, 4, 3), np.uint8)
    before[0, 0] = top
    after = before.copy()
    after[0, 0], after[1, 1], after[2, 2, 1] = 0, top, top // 2
    found = figures.magnified(before, after)
    assert found.dtype == np.uint8
    assert (found[0, 0] == 0).all()
    assert (found[1, 1] == 255).all()
    assert found[2, 2, 1] == round(127.5 + 127.5 * (top // 2) / top)
    assert (found[3] == 128).all()
    assert (found[2, 2, [0, 2]] == 128).all()


def test_changes_of_one_sign_keep_grey_for_none():
    before = np.full((2, 2, 3), 100, np.uint8)
    after = before.copy()
    after[0, 0] = 97
    found = figures.magnified(before, after)
    assert (found[0, 0] == 0).all()
    assert (found[1] == 128).all()
