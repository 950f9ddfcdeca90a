"""A mask file read as object, background and what is ignored."""

from __future__ import annotations

from xai_core.data.decisions.codings import Interpreted
from xai_core.data.decisions.mask_facts import as_grey, look_at
from xai_core.data.decisions.reading import current
from xai_core.data.mask_files import MaskFile
from xai_core.errors import PictureError
from xai_core.types.counts import number_of

MOST_VALUES = 1 << 16  # of a mask; a picture in colours that was taken for one has more


def interpret(file: MaskFile) -> Interpreted:
    """What a mask's values mean, and a note where that is not obvious.

    As was decided for its data set, where it is read as a part of one; else by what can be seen of it alone.

    Parameters
    ----------
    file : MaskFile

    Returns
    -------
    Interpreted

    Raises
    ------
    PictureError
        With the reason, if it cannot be told.
    """
    file = as_grey(file)
    if file.kind == "colour" and file.lossy:
        raise PictureError("is a JPEG in colours, which changes them; save it as PNG.")
    if len(file.levels) > MOST_VALUES:
        raise PictureError(f"holds {number_of(len(file.levels), 'value')}; a mask has at most {MOST_VALUES:,}.")
    facts = look_at(file)
    return current().coding_of(facts).read(file.values, facts)
