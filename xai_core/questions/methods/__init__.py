"""Methods: which attribution method at which layer finds what a model goes by?"""
