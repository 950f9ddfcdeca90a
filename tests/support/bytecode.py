"""Pages compiled once: Streamlit's harness compiles every page anew in each run, which is half of what a run costs."""

from contextlib import contextmanager
from pathlib import Path

from streamlit.runtime.scriptrunner.script_cache import ScriptCache


@contextmanager
def compiled_once():
    """Whoever runs a script inside gets what was compiled of the same file before; a file that changed is another."""
    compiled, real = {}, ScriptCache.get_bytecode

    def get_bytecode(self, path):
        file = Path(path).stat()
        key = str(Path(path).absolute()), file.st_mtime_ns, file.st_size, file.st_ino
        if key not in compiled:
            compiled[key] = real(self, path)
        return compiled[key]

    ScriptCache.get_bytecode = get_bytecode
    try:
        yield
    finally:
        ScriptCache.get_bytecode = real
