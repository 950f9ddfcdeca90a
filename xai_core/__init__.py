"""What an image classifier looks at, and whether that is evidence.

`import xai_core as xai`: models, data, attribution, statistics and recorded trainings behind a short list of names
(`__init__.pyi` says where each lives). Nothing here knows of Streamlit; the pages of the dashboard call the same
functions. Names are fetched when asked for, so that nothing heavy is loaded before it is needed.
"""

from importlib.metadata import PackageNotFoundError, version

import lazy_loader

try:
    __version__ = version("xai-core")
except PackageNotFoundError:  # a checkout that was not installed
    __version__ = "unknown"

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
