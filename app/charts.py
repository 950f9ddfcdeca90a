"""What the charts of the pages have in common."""

# Of Plotly: without its bar of buttons but for the picture of a chart, as large as a slide, when the pointer is on it.
QUIET = {
    "displaylogo": False,
    "modeBarButtons": [["toImage"]],
    "toImageButtonOptions": {"format": "png", "filename": "chart", "width": 1600, "height": 900, "scale": 2},
}
