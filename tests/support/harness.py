"""What Streamlit's harness does again for every page, done once: four fifths of what it costs to open one."""

from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.scriptrunner.script_cache import ScriptCache


@contextmanager
def done_once():
    """Inside, a script is compiled once, and the installed packages are searched for components once.

    A file that changed is another.
    """
    compiled, real = {}, ScriptCache.get_bytecode

    def get_bytecode(self, path):
        file = Path(path).stat()
        key = str(Path(path).absolute()), file.st_mtime_ns, file.st_size, file.st_ino
        if key not in compiled:
            compiled[key] = real(self, path)
        return compiled[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ScriptCache, "get_bytecode", get_bytecode)
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        yield
