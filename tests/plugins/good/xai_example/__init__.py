"""A method, a data set and a model of one's own."""
