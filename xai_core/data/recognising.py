"""Which layout a folder or a file is of."""

from __future__ import annotations

from pathlib import Path

from xai_core import plugins
from xai_core.data.files import SUFFIXES
from xai_core.data.kinds import Layout
from xai_core.data.registry import GROUP, list_layouts
from xai_core.errors import DataError


def layout_of(root: Path) -> Layout:
    """The layout of a folder, or of a file: the first that recognises it.

    Parameters
    ----------
    root : pathlib.Path
        A folder or a file that is there.

    Returns
    -------
    Layout
        Class folders, where no other recognises a folder. A plug-in's that fails at this is passed over and named in
        `xai_core.plugins.problems`.

    Raises
    ------
    DataError
        If it is a file that no layout reads.

    Examples
    --------
    >>> layout_of(Path("."))  # doctest: +ELLIPSIS
    Layout(key='folders', ...
    """
    layouts = list_layouts()
    if not root.is_dir():
        layouts = [layout for layout in layouts if root.suffix.lower() in layout.files]
        if not layouts:
            known = sorted({ending for layout in list_layouts() for ending in layout.files} - SUFFIXES)
            raise DataError(
                f"{str(root)!r} is neither a folder nor a file that lists pictures or holds them ({', '.join(known)}), "
                "and no picture by its ending."
            )
    for layout in layouts:
        try:
            if layout.recognises(root):
                return layout
        except (DataError, OSError):
            raise
        except Exception as error:  # it is somebody else's code: whatever it raises, other layouts work
            plugins.note(GROUP, layout.key, error)
    if len(layouts) > 1 and not root.is_dir():
        raise DataError(f"{root} is none of these: {', '.join(layout.title for layout in layouts)}.")
    return layouts[-1]


def is_data_file(path: Path) -> bool:
    """Whether a path is a file that a layout recognises: a table, annotations, an archive of pictures.

    Parameters
    ----------
    path : pathlib.Path

    Returns
    -------
    bool

    Examples
    --------
    >>> is_data_file(Path("labels.csv"))  # it is not there
    False
    """
    return path.is_file() and any(
        path.suffix.lower() in layout.files and layout.recognises(path) for layout in list_layouts()
    )
