"""What Streamlit's harness does again for every page, done once: four fifths of what it costs to open one.

And it waits for a page's thread to end, where it would look a thousand times a second whether it has. Then this process
is the main module again, in place of the page: processes that tests begin afterwards would begin with the page.
"""

import sys
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.scriptrunner.script_cache import ScriptCache
from streamlit.testing.v1 import local_script_runner


@contextmanager
def done_once():
    """Inside, a script is compiled once, and the installed packages are searched for components once.

    A file that changed is another.
    """
    main = sys.modules["__main__"]
    compiled, real, looking = {}, ScriptCache.get_bytecode, local_script_runner.require_widgets_deltas

    def get_bytecode(self, path):
        file = Path(path).stat()
        key = str(Path(path).absolute()), file.st_mtime_ns, file.st_size, file.st_ino
        if key not in compiled:
            compiled[key] = real(self, path)
        return compiled[key]

    def until_it_ends(runner, timeout=3):
        runner._script_thread.join(timeout)
        try:
            if runner._script_thread.is_alive():
                looking(runner, 0)  # says that the time is over
        finally:
            sys.modules["__main__"] = main

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ScriptCache, "get_bytecode", get_bytecode)
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        patch.setattr(local_script_runner, "require_widgets_deltas", until_it_ends)
        yield
