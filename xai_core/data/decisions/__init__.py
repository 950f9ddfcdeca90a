"""What is decided of a data set's files as a whole: the range of intensities, and what the values of masks mean."""
