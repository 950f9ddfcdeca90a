"""What is kept between reruns and sessions, and for how many requests, a module for each kind of thing.

Keys are ids and settings. Arguments with a leading underscore are what the ids stand for and are not hashed.
Nothing in here draws, so that a cached result never replays another session's widgets.
"""

from app.cache import (
    agreement,
    data,
    films,
    interventions,
    listing,
    maps,
    models,
    readings,
    results,
    runs,
    stamps,
    study_folders,
    watched,
)

__all__ = [
    "agreement",
    "data",
    "films",
    "interventions",
    "listing",
    "maps",
    "models",
    "readings",
    "results",
    "runs",
    "stamps",
    "study_folders",
    "watched",
]
