"""A class that votes: the teacher asks, phones answer, and all see the evidence at once.

`asked.py` says what can be asked, `store.py` keeps the answers, `teacher.py` and `voter.py` are the two sides of the
page, and `results.py` is what both see when an answer is revealed.
"""
