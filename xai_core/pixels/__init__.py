"""How what Pillow opened becomes RGB with 8 bits: upright, over white, and from one range of intensities.

The same for a file, an upload, an image that somebody opened with Pillow, and an array.
"""

from xai_core.pixels.intensity import Intensities, IntensityRange, choose_range, measure, scale
from xai_core.pixels.rgb import Conversion, convert_image

__all__ = ["Conversion", "Intensities", "IntensityRange", "choose_range", "convert_image", "measure", "scale"]
