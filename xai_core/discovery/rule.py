"""The written rule by which a strategy is called a suspected shortcut.

All of this must hold, on pictures that played no part in finding the strategy:

1. The part of its pictures, put into pictures of other classes, raises the probability of the class beyond the same
   part of pictures of another class: by RISE or more, of the surroundings by RISE_WITHOUT_CONTENT, since objects reach
   into them.
2. That difference is significant at LEVEL, by a paired test with Holm's correction over all tests of all classes.
3. The part is no object: at a fixed place, or wherever the map points, its content is the same in all pictures (an
   object varies); or it lies where the map does not point; or it is the mean colour. Where pictures have masks, it also
   holds no more than MOST of the object: an object that is the same in all pictures is still the object.

An object satisfies 1 and 2, too, so 3 decides. Its limits are calibrated so that at most 5% of classes whose network
relies on the object alone are accused: see benchmarks/discovery_truth.py and docs/discovery.md.
"""

from __future__ import annotations

from xai_core.discovery.carriers import Carrier

LEVEL = 0.05
MOST = 0.5  # of the object's pixels, that a part may hold
ABOUT_AS_MUCH = 0.7  # of what the strongest part adds, from which a more particular part is named in its place


def is_suspect(carrier: Carrier, rise: float, p_holm: float, repeated: float, holds: float = float("nan")) -> bool:
    """Whether all three hold; NaN never does.

    Parameters
    ----------
    carrier : Carrier
        The part.
    rise : float
        Of the probability, beyond the control.
    p_holm : float
        Of the paired test, corrected.
    repeated : float
        How much the content repeats, in the carrier's own measure.
    holds : float
        Share of the object that lies in the part; NaN where that is not known.

    Returns
    -------
    bool

    Examples
    --------
    >>> from xai_core.discovery.carriers import Place, Surroundings
    >>> from xai_core.discovery.rule import is_suspect
    >>> is_suspect(Surroundings(), 0.4, 0.001, float("nan")), is_suspect(Place(None), 0.4, 0.001, 0.0)
    (True, False)
    """
    return bool(rise >= carrier.least and p_holm < LEVEL and carrier.shows(repeated) and not holds > MOST)
