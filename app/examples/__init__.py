"""What the start page's examples show: computed from the bundled data, each kept for all sessions.

Torch, Plotly and the like are imported where they are first needed, not at the top: the page draws its questions before
anything heavy is loaded, and the cheapest example before the dearest. Nothing in here draws on the page.
"""

from app.examples.digits import DIGITS_SHOWN, background
from app.examples.markup import Example, strip_html
from app.examples.misclassified import mistake, mistake_thumbnails
from app.examples.photos import layers, photo_thumbnails
from app.examples.recorded import HONEST, epochs, followed, mistakes
from app.examples.training import evolution

__all__ = [
    "DIGITS_SHOWN",
    "HONEST",
    "Example",
    "background",
    "epochs",
    "evolution",
    "followed",
    "layers",
    "mistake",
    "mistake_thumbnails",
    "mistakes",
    "photo_thumbnails",
    "strip_html",
]
