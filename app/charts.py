"""What the charts of the pages have in common."""

QUIET = {"displayModeBar": False}  # of Plotly: without its bar of buttons
