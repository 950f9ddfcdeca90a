"""Studies of whole folders without a browser: a page's work, batch by batch, in a folder that can be taken up again.

`request.py` has the arguments, `run.py` the work, `store.py` the folder, `maps.py` the maps. What a study computes and
finds is its question's (`xai_core/questions`); nothing here knows a question by name.
"""
