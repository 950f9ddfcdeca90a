"""`python -m xai_core` is the command `xai`: see `xai_core.command`."""

from __future__ import annotations

import sys

from xai_core.command import main

if __name__ == "__main__":
    sys.exit(main())
