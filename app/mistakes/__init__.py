"""The sections of Misclassifications, in the order of the page: evaluation, summary, matrix, gallery, files."""
