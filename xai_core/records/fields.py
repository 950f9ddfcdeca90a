"""What a record is made of besides arrays."""

from __future__ import annotations

from dataclasses import dataclass

# The figures of an epoch, in the order of the table: losses in nats, accuracies in [0, 1], seconds.
LOG = ("train_loss", "train_accuracy", "val_loss", "val_accuracy", "learning_rate", "seconds")


@dataclass(frozen=True)
class PictureSource:
    """Where the pictures of a run are found again.

    Attributes
    ----------
    data : str
        A data set's key or a folder with a data set; or empty.
    split : str, optional
        Of that data set.
    files : str
        Folder that the pictures' file names start from; or empty.
    stored : bool
        Whether the record itself holds the pictures.
    """

    data: str = ""
    split: str | None = None
    files: str = ""
    stored: bool = False
