"""Misclassifications of a model of independent labels: which are missed, which are predicted falsely, and why?"""
