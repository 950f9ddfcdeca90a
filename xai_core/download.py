"""Fetches a file: with progress, a checked hash, and nothing half-written left under its name."""

from __future__ import annotations

import contextlib
import glob
import hashlib
import http.client
import os
import shutil
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from xai_core.errors import DownloadError
from xai_core.quotas import shortage

Progress = Callable[[int, int], None]
_CHUNK = 1 << 20
_TIMEOUT_S = 20
_LEFT_S = 86_400  # after which an unfinished file is of a download that has ended


def download(url: str, target: Path, *, sha256_prefix: str, progress: Progress | None = None) -> Path:
    """Fetch a file.

    Parameters
    ----------
    url : str
        Where it is fetched from.
    target : pathlib.Path
        Where it is put; its folder is made where it is not there.
    sha256_prefix : str
        The first hex digits of the file's SHA-256.
    progress : callable, optional
        Called with (bytes so far, bytes in all or 0 if unknown).

    Returns
    -------
    pathlib.Path
        `target`.

    Raises
    ------
    DownloadError
        Without a network, if the server refuses, if the disk is full or if the hash differs. `target` is then
        as it was.

    Examples
    --------
    >>> Path("weights.bin").write_bytes(b"abc")
    3
    >>> download(Path("weights.bin").absolute().as_uri(), Path("copy.bin"), sha256_prefix="ba7816bf").name
    'copy.bin'
    """
    name = target.name
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _clear_away(target)
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=name, suffix=".part")
    except OSError as error:
        raise DownloadError(f"{name} cannot be written to {target.parent}: {error.strerror}.") from error
    digest = hashlib.sha256()
    try:
        with os.fdopen(handle, "wb") as file, urllib.request.urlopen(url, timeout=_TIMEOUT_S) as response:
            total = int(response.headers.get("Content-Length") or 0)
            if total and total > shutil.disk_usage(target.parent).free:
                raise DownloadError(f"{name} takes {total / 1e6:.0f} MB, more than the disk has free.")
            if short := shortage(target.parent, total):
                raise DownloadError(f"{name} was not fetched. {short}")
            done = 0
            while chunk := response.read(_CHUNK):
                file.write(chunk)
                digest.update(chunk)
                done += len(chunk)
                if progress:
                    progress(done, total)
        if total and done < total:
            raise DownloadError(f"{name} broke off after {done / 1e6:.1f} of {total / 1e6:.1f} MB. Try again.")
        if not digest.hexdigest().startswith(sha256_prefix):
            raise DownloadError(
                f"{name} arrived with another content than expected: its SHA-256 begins with "
                f"{digest.hexdigest()[: len(sha256_prefix)]}, not {sha256_prefix}. It was not kept. Try again."
            )
        Path(temporary).chmod(0o644)  # a temporary file is its owner's alone, a cache of weights may be shared
        Path(temporary).replace(target)
    except (urllib.error.URLError, http.client.HTTPException, TimeoutError, ConnectionError) as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        raise DownloadError(
            f"{name} could not be downloaded: {reason}. Check the network and try again, or fetch the file on "
            f"another machine and put it into {target.parent}."
        ) from error
    except OSError as error:
        raise DownloadError(f"{name} could not be written: {error.strerror}.") from error
    finally:
        Path(temporary).unlink(missing_ok=True)
    return target


def _clear_away(target: Path) -> None:
    """Remove what downloads of the same file left when their processes were killed."""
    for left in target.parent.glob(f"{glob.escape(target.name)}*.part"):
        with contextlib.suppress(OSError):
            if time.time() - left.stat().st_mtime > _LEFT_S:
                left.unlink()
