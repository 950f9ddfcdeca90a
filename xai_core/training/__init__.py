"""Training: presets, the loop, recording, and trainings as processes of their own.

Names are fetched when asked for, so that the state of a training can be read without loading torch.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
