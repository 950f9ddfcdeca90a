"""Whether pictures are enlarged to a size that had to be assumed: a network answers, and answers wrongly."""

from __future__ import annotations

from collections.abc import Sequence

from xai_core.errors import PictureError
from xai_core.types import Classifier, Sample

ENLARGED = 1.5  # times of a picture's longer side, from which it is said


def size_note(model: Classifier, pictures: Sequence[Sample]) -> str:
    """What to say of the size of pictures; empty where the input size is known, or the first one is about as large.

    Parameters
    ----------
    model : Classifier
    pictures : Sequence of Sample
        Of which the first is read.

    Returns
    -------
    str

    Examples
    --------
    >>> import xai_core as xai
    >>> from xai_core.models import size_note
    >>> size_note(xai.load_model("digits"), xai.load_dataset("textured_digits"))
    ''
    """
    if not model.size_assumed or not len(pictures):
        return ""
    try:
        picture = pictures[0]
    except PictureError:  # whoever looks at it says so
        return ""
    own, size = picture.pixels.shape[:2], model.preprocessing.size
    if picture.view_of is not None or max(size) < ENLARGED * max(own):
        return ""
    shown, wanted = (f"{high} × {wide}" for high, wide in (own, size))
    return (
        f"The pictures have {shown} pixels and are enlarged to {wanted}, which had to be assumed. A network that was "
        f"trained on pictures of {shown} answers wrongly then: state its input size."
    )
