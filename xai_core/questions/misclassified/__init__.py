"""Misclassifications: what does the model mix up, and why?"""
