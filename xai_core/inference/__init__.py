"""Asking a model: pictures in batches, predictions, gradients at layers, forward passes of perturbed pictures."""
