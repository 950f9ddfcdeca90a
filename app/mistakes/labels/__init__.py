"""The sections of Misclassifications for a model of independent labels, in the order of the page."""
