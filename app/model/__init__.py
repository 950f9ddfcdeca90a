"""The page of the model, a section each."""
