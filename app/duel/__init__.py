"""The sections of Which is which?"""
