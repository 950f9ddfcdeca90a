"""What callers hand in as pictures and targets, turned into batches for the network."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import numpy as np
import psutil
import torch
from PIL import Image

from xai_core.errors import MemoryShortage, ModelError, PictureError, TargetError
from xai_core.pixels import convert_image
from xai_core.types import ByteArray, Classifier, IntArray, Preprocessing, Sample
from xai_core.types.counts import number_of

# On a CPU larger batches are slower (they leave the caches), so it takes eight pictures of 224 x 224, or as many
# smaller ones as have so many pixels; on an accelerator larger ones are faster. Beyond 64 nothing is gained.
_LARGEST_BATCH = 64
_PIXELS_CPU = 8 * 224 * 224
# Forward activations, their gradients and the layers' work space, as a multiple of the outputs' size.
_MEMORY_FACTOR = 3
_MEMORY_SHARE = 0.25

Progress = Callable[[int, int], object]
Result = TypeVar("Result")
Picture = Sample | Image.Image | np.ndarray
Pictures = Sequence[Picture] | Picture | torch.Tensor
Target = int | str | None
Targets = Target | Sequence[Target] | np.ndarray
PREDICTION = -1  # stands for the predicted class where targets are numbers


def readable(picture: Any) -> Sample | np.ndarray:
    """A picture as a sample or uint8 (H, W, 3); a PIL image by the same conversion as a file.

    Raises
    ------
    PictureError
        If it is neither these nor a PIL image.
    """
    if isinstance(picture, Sample):
        return picture
    if isinstance(picture, Image.Image):
        return convert_image(picture).pixels
    if isinstance(picture, np.ndarray) and picture.ndim == 3 and picture.shape[2] == 3:
        if picture.dtype == np.uint8 and min(picture.shape[:2]) > 0:
            return picture
        raise PictureError(
            f"An array needs dtype uint8 and values 0 to 255, not {picture.dtype} {picture.shape}. "
            "xai.open_picture takes one of another dtype, with the values that are black and white."
        )
    got = f"an array of shape {picture.shape}" if isinstance(picture, np.ndarray) else type(picture).__name__
    raise PictureError(f"Pictures are samples, PIL images, arrays (H, W, 3) or one tensor (N, 3, H, W); got {got}.")


def seen(classifier: Classifier, picture: Picture) -> ByteArray:
    """What the network sees of a picture, before scaling: uint8 (S, S, 3)."""
    found = readable(picture)
    preprocessing = classifier.preprocessing
    return preprocessing.prepare(found).pixels if isinstance(found, Sample) else preprocessing.view(found)


class Batches:
    """The network's inputs, a batch at a time.

    Parameters
    ----------
    pictures : Iterator of Sample, PIL.Image.Image or ndarray
        Samples, PIL images, uint8 arrays (H, W, 3), or a preprocessed float tensor (N, C, H, W).
    size : int, optional
        Pictures in a batch; None takes what memory allows.
    """

    def __init__(self, classifier: Classifier, pictures: Pictures, size: int | None = None) -> None:
        self._classifier = classifier
        if isinstance(pictures, torch.Tensor):
            n = len(classifier.preprocessing.channels)
            if pictures.ndim != 4 or pictures.shape[1] != n or not pictures.is_floating_point():
                raise PictureError(
                    f"A tensor needs the shape (N, {n}, H, W), float and preprocessed; got {tuple(pictures.shape)}."
                )
            self._pictures: Any = pictures
        elif isinstance(pictures, Sample | Image.Image | np.ndarray) and getattr(pictures, "ndim", 3) == 3:
            self._pictures = [pictures]
        else:  # a data set reads its pictures as they are asked for, a batch at a time
            self._pictures = pictures if isinstance(pictures, Sequence) else list(pictures)  # type: ignore[arg-type]
        if not len(self._pictures):
            raise PictureError("There are no pictures to explain.")
        self.size = size if size is not None else batch_size(classifier)
        if self.size < 1:
            raise ValueError(f"batch_size must be at least 1, got {self.size}.")

    def __len__(self) -> int:
        """Number of pictures."""
        return len(self._pictures)

    @property
    def view(self) -> Preprocessing | None:
        """The crop and resize that the pictures go through; None where they came as a preprocessed tensor."""
        return None if isinstance(self._pictures, torch.Tensor) else self._classifier.preprocessing

    @property
    def pictures(self) -> Iterator[Picture]:
        """The pictures one by one.

        Raises
        ------
        PictureError
            If they came as a preprocessed tensor, in which nothing can be hidden.
        """
        if isinstance(self._pictures, torch.Tensor):
            raise PictureError("A method that hides parts of pictures needs the pictures, not a preprocessed tensor.")
        return iter(self._pictures)

    def tensor(self, start: int, stop: int) -> torch.Tensor:
        """(stop - start, C, H, W) on the model's device and in its precision, channels last in memory."""
        part = self._pictures[start:stop]
        if not isinstance(part, torch.Tensor):
            part = torch.from_numpy(
                np.stack([self._classifier.preprocessing.array(readable(picture)) for picture in part])
            )
        device, dtype = self._classifier.device, self._classifier.forward.dtype
        if device.type == "cuda" and part.device.type == "cpu":  # pinned, it is copied while the processor goes on
            part = part.detach().pin_memory()
        layout = torch.channels_last
        return part.detach().to(device, dtype, memory_format=layout, copy=True, non_blocking=part.is_pinned())

    def run(
        self, compute: Callable[[torch.Tensor, int, int], Result], progress: Progress | None = None
    ) -> Iterator[Result]:
        """What `compute` gives for each batch of inputs (n, 3, H, W) and its range (start, stop).

        A batch that does not fit into memory is halved and tried again, and so are those after it.

        Raises
        ------
        MemoryShortage
            If not even one picture fits.
        """
        parts = halving(
            self._classifier, len(self), self.size, lambda start, stop: compute(self.tensor(start, stop), start, stop)
        )
        for stop, result in parts:
            yield result
            if progress:
                progress(stop, len(self))


_NO_MEMORY = (
    "can't allocate memory",  # the processor's allocator
    "out of memory",  # accelerators that have no type of error
    "could not create a primitive",  # oneDNN
)


def lacks_memory(error: BaseException) -> bool:
    """Whether an error is one for lack of memory; torch has a type of its own for accelerators only."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    said = str(error).lower()
    return isinstance(error, RuntimeError) and any(words in said for words in _NO_MEMORY)


def halving(
    classifier: Classifier, n: int, size: int, compute: Callable[[int, int], Result]
) -> Iterator[tuple[int, Result]]:
    """(stop, what `compute` gives) for ranges (start, stop) of n pictures, `size` at a time or what fits into memory.

    Raises
    ------
    MemoryShortage
        If not even one picture fits.
    """
    start = 0
    while start < n:
        stop = min(start + size, n)
        try:
            result = compute(start, stop)
        except Exception as error:
            if not lacks_memory(error):
                raise
            if stop - start == 1:
                device = "accelerator" if classifier.device.type != "cpu" else "computer"
                raise MemoryShortage(
                    f"There is too little memory on this {device} for {classifier.title}, even with one picture at a "
                    "time. Close other programs, or choose a smaller model."
                ) from error
            size = (stop - start) // 2
            continue
        yield stop, result
        start = stop


@contextmanager
def gradients(classifier: Classifier) -> Iterator[None]:
    """Where the network is differentiated: its lock held, gradients on whatever the mode outside, no chance in it.

    Raises
    ------
    ModelError
        If no gradients can be taken of it.
    """
    if not classifier.differentiable:
        raise ModelError(
            f"No gradients can be taken of {classifier.title}, so only methods that need none explain it, "
            "such as those that hide parts of pictures."
        )
    with (
        classifier.lock,
        torch.inference_mode(False),
        torch.enable_grad(),
        torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=True, allow_tf32=False),
    ):
        yield


def batch_size(classifier: Classifier) -> int:
    """How many pictures to run at once: what a quarter of the free memory holds, within a fixed limit."""
    if classifier.device.type == "cuda":
        free = torch.cuda.mem_get_info(classifier.device)[0]
    else:
        free = psutil.virtual_memory().available
    limit = _LARGEST_BATCH
    if classifier.device.type == "cpu":
        high, wide = classifier.preprocessing.size
        limit = min(limit, max(8, _PIXELS_CPU // (high * wide)))
    need = max(1, classifier.bytes_per_picture * _MEMORY_FACTOR)
    return int(max(1, min(limit, free * _MEMORY_SHARE // need)))


def resolve_targets(classifier: Classifier, targets: Targets, n: int) -> IntArray:
    """Targets as int64 (n,), PREDICTION where the prediction is meant.

    Parameters
    ----------
    classifier : Classifier
    targets : int, str, None or a sequence of them
        One for all pictures or one a picture; a class by index or name, or None for the prediction.
    n : int
        Number of pictures.

    Raises
    ------
    TargetError
        If a class is not the model's, or if there is not one target a picture.
    """
    one_for_all = _is_one(targets)
    given: list[Any] = [targets] * n if one_for_all else list(targets)  # type: ignore[arg-type]
    if len(given) != n:
        raise TargetError(
            f"There are {len(given)} targets for {number_of(n, 'picture')}: give one each, or one for all."
        )
    names = {name: index for index, name in enumerate(classifier.class_names)}
    result = np.full(n, PREDICTION, dtype=np.int64)
    for position, target in enumerate(given):
        if target is None:
            continue
        index = names.get(target, -1) if isinstance(target, str) else _number(target)
        if not 0 <= index < len(names):
            raise TargetError(
                f"{target!r} is no class of {classifier.title}: it has {len(names)}, "
                f"0 ({classifier.class_names[0]}) to {len(names) - 1} ({classifier.class_names[-1]})."
            )
        result[position] = index
    return result


def _is_one(targets: Any) -> bool:
    """Whether a target is one, an array or tensor without axes among them."""
    return targets is None or isinstance(targets, int | str | float | np.integer) or getattr(targets, "ndim", 1) == 0


def _number(target: Any) -> int:
    if getattr(target, "ndim", 0) and np.size(target) != 1:
        raise TargetError(
            f"A target is the number or name of a class, not {np.size(target)} numbers: "
            "of one-hot rows take the argmax over the classes."
        )
    try:
        return int(target)
    except (TypeError, ValueError) as error:
        raise TargetError(f"{target!r} is neither the number nor the name of a class.") from error


def resolve_several(classifier: Classifier, targets: Sequence[Target] | Target) -> IntArray:
    """One class or several for the same picture as int64 (T,), PREDICTION where the prediction is meant.

    Raises
    ------
    TargetError
        If there is none, or a class is not the model's.
    """
    listed: list[Any] = [targets] if _is_one(targets) else list(targets)  # type: ignore[arg-type]
    if not listed:
        raise TargetError("There is no target: give one, or None for the prediction.")
    return resolve_targets(classifier, listed, len(listed))
