"""Studies of whole folders without a browser: a page's work, batch by batch, in a folder that can be taken up again.

`request.py` has the arguments, `run.py` the work, `store.py` the folder, a file each the kinds of study.
"""
