"""Foreground vs Background: is it the object, or what stands behind it?"""
