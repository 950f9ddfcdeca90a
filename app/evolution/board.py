"""What the page's sections put on the board for its report."""

BESIDE, ATTENTION, FIGURE, COURSE = "run beside", "attention", "settings of the figure", "picture"
