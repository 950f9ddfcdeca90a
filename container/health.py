"""Whether the server in this container answers: `python health.py PORT` ends with 1 if it does not."""

import sys
import urllib.request

try:
    with urllib.request.urlopen(f"http://localhost:{sys.argv[1]}/_stcore/health", timeout=4) as answer:
        sys.exit(answer.read() != b"ok")
except OSError as error:
    sys.exit(str(error))
