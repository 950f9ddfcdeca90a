"""Processes that begin with the library loaded, since loading it is nearly all that a short study costs.

They are forked from a server of Python's own that has loaded it, and are processes as any other: with an id, signals
and an exit code of their own. That `python -m xai_core` does the same as it is typed, the tests of plug-ins show.
"""

import atexit
import multiprocessing
import os
import runpy
import signal
import sys
import tempfile
import traceback
from pathlib import Path
from subprocess import CompletedProcess

ROOT = Path(__file__).parents[2]
LOADED = (
    "plotly.graph_objects",
    "xai_core.batch.run",
    "xai_core.batch.tables",
    "xai_core.data.cifar10",
    "xai_core.data.imagenette",
    "xai_core.data.oxford_pets",
    "xai_core.data.tiny_imagenet",
    "xai_core.data.torchvision_download",
    "xai_core.data.voc",
    "xai_core.figures",
    "xai_core.interventions",
    "xai_core.methods.grad_cam",
    "xai_core.methods.lime",
    "xai_core.methods.saliency",
    "xai_core.models.sources.checkpoint",
    "xai_core.models.sources.network",
    "xai_core.models.sources.shipped",
    "xai_core.questions.foreground.study",
    "xai_core.questions.layers.study",
    "xai_core.questions.misclassified.study",
    "xai_core.reports.code",
    "xai_core.training.loop",
)
_forking = multiprocessing.get_context("forkserver")
_forking.set_forkserver_preload(list(LOADED))


def _run(module, arguments, environment, outputs):
    """What `python -m module arguments` does, what it says to files."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a server started in the background ignores it
    for path, stream in zip(outputs, (sys.stdout, sys.stderr), strict=True):
        file = os.open(path, os.O_WRONLY | os.O_CREAT)
        os.dup2(file, stream.fileno())
        os.close(file)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(ROOT)
    sys.argv = [module, *arguments]
    code = 0
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as end:
        code = end.code
    except BaseException:
        traceback.print_exc()
        code = 1
    atexit._run_exitfuncs()  # a fork leaves them out
    sys.exit(code)


class Forked:
    """A process that runs a module of the library with arguments, and with more in its environment than here."""

    def __init__(self, module, arguments, environment=None):
        self._folder = tempfile.TemporaryDirectory()
        outputs = self._outputs = [Path(self._folder.name) / name for name in ("stdout", "stderr")]
        given = module, list(map(str, arguments)), os.environ | (environment or {}), outputs
        self._process = _forking.Process(target=_run, args=given)
        self._process.start()

    @property
    def alive(self):
        return self._process.is_alive()

    @property
    def pid(self):
        return self._process.pid

    def send_signal(self, sign):
        os.kill(self._process.pid, sign)

    def wait(self):
        """How it ended, its exit code negative where a signal ended it, and what it said."""
        self._process.join()
        stdout, stderr = (path.read_text() if path.exists() else "" for path in self._outputs)
        self._folder.cleanup()
        return CompletedProcess(self._process.name, self._process.exitcode, stdout, stderr)
