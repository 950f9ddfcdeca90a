"""`xai`: starts the dashboard's server and opens a browser, from wherever it is called."""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import tomllib
import urllib.request
import webbrowser
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from xai_core.command.copying import Bar
from xai_core.errors import say
from xai_core.regular import whole_path
from xai_core.remote import is_address, local, watching
from xai_core.types.exit_codes import ExitCode

HERE = "localhost"
EVERYWHERE = ("0.0.0.0", "::")
PORT = 8501  # where it is taken, any that is free
RUNS = "XAI_RUNS"
PAGE = "layer_explorer"  # that data or a model given on the command line open with
_OPTION = "dashboard_"  # of the namespace, so that those of commands keep their names
_STDERR = 2  # its number in every process
_LOOK_S, _LOOKS = 0.25, 480  # at whether the server answers


def home() -> Path:
    """The folder that holds the pages and their configuration: the checkout's, or the installed package's.

    Returns
    -------
    Path
        In it lies app/main.py.

    Examples
    --------
    >>> from xai_core.command.dashboard import home
    >>> (home() / "app" / "main.py").is_file()
    True
    """
    package = Path(__file__).parents[1]
    installed = package / "dashboard"
    return installed if installed.is_dir() else package.parent


def add_options(parser: argparse.ArgumentParser) -> None:
    """What can be said of the dashboard."""

    def add(name: str, **settings: Any) -> None:
        parser.add_argument(f"--{name}", dest=_OPTION + name.replace("-", "_"), **settings)

    add("port", type=_port, metavar="N", help=f"where it listens; by default {PORT}, or any that is free")
    add("address", default=HERE, metavar="NAME", help=f"at which address; by default {HERE}: this computer alone")
    add(
        "allow-host",
        action="append",
        default=[],
        metavar="NAME",
        help="a name under which other computers may ask for it; those of this computer alone may otherwise",
    )
    add("no-browser", action="store_true", help="do not open a browser")
    add("data", metavar="KEY_OR_FOLDER", help="open with this data set, folder of pictures or copy of an address")
    add("model", metavar="KEY_OR_FILE", help="open with this model, checkpoint or copy of an address")
    add("json", action="store_true", help="for programs: one object on the standard output as soon as it answers")


def _port(text: str) -> int:
    port = int(text) if text.isdecimal() else 0
    if not 0 < port < 65536:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: they go from 1 to 65535")
    return port


def without_options(given: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a command, those of the dashboard left out."""
    return {name: value for name, value in given.items() if not name.startswith(_OPTION)}


def run(given: dict[str, Any]) -> int:
    """Serve until it is interrupted; the exit code."""
    asked = {name.removeprefix(_OPTION): value for name, value in given.items()}
    if reason := _why_not(asked["address"]):
        say(f"The dashboard cannot listen at --address {asked['address']!r}: {reason}.", file=sys.stderr)
        return ExitCode.UNUSABLE
    port = asked["port"] or _free_port(asked["address"])
    if asked["port"] and not _is_free(port, asked["address"]):
        say(f"Port {port} is taken. Choose another with --port, or leave it out.", file=sys.stderr)
        return ExitCode.UNUSABLE
    try:
        host = HERE if asked["address"] in EVERYWHERE else asked["address"]
        host = f"[{host}]" if ":" in host else host
        address = f"http://{host}:{port}/{_place(asked['data'], asked['model'])}"
    except ValueError as error:
        say(error, file=sys.stderr)
        return ExitCode.UNUSABLE
    started = command(port, asked["address"], asked["allow_host"])
    output = _STDERR if asked["json"] else None  # what Streamlit prints is no JSON
    server = subprocess.Popen(started, env=environment(), cwd=folder(), stdout=output)
    threading.Thread(target=_tell, args=(server, address, not asked["no_browser"], asked["json"]), daemon=True).start()
    signal.signal(signal.SIGTERM, lambda *_: server.terminate())
    try:
        return max(server.wait(), 0)  # one that was asked to end is no error
    except KeyboardInterrupt:  # the server gets it as well
        server.wait()
        return 0


def configuration() -> Path:
    """The file with the theme, the limits and the protection: beside the pages in a package, above them in a checkout.

    Streamlit reads it in the first case since it lies beside the script, in the second since the server is started
    in its folder.
    """
    beside = home() / "app" / ".streamlit" / "config.toml"
    return beside if beside.is_file() else home() / ".streamlit" / "config.toml"


def command(port: int, address: str, names: Sequence[str] = ()) -> list[str]:
    """The server's command: what is said here comes before what the configuration says."""
    said = tomllib.loads(configuration().read_text(encoding="utf-8"))["server"]["allowedHosts"]
    hosts = dict.fromkeys([*said, *names, *([] if address in EVERYWHERE else [address])])
    return [
        *(sys.executable, "-m", "streamlit", "run", str(home() / "app" / "main.py")),
        *("--server.port", str(port), "--server.address", address),
        *("--logger.hideWelcomeMessage", "true"),  # which names an address without what is to be opened
        *(part for host in hosts for part in ("--server.allowedHosts", host)),
    ]


def environment() -> dict[str, str]:
    """Of the server, and of the processes that it begins: the pages are found in their folder, and nowhere else."""
    from xai_core.training.jobs.files import runs_folder

    before = os.environ.get("PYTHONPATH")
    return os.environ | {
        "PYTHONPATH": os.pathsep.join([str(home()), *([before] if before else [])]),
        RUNS: str(runs_folder()),  # as seen from where this was called
    }


def folder() -> Path:
    """Where the server is started, which is where relative paths begin: here, or in the checkout."""
    return Path.cwd() if configuration().parents[1] != home() else home()


def _why_not(address: str, port: int = 0) -> str:
    """Why the dashboard cannot listen at an address, by default at any of its ports, or nothing."""
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port that was closed just now is free
        try:
            one.bind((address, port))
        except (OSError, UnicodeError, TypeError) as error:  # the last where it holds a zero byte
            return str(error)
    return ""


def _is_free(port: int, address: str) -> bool:
    return not _why_not(address, port)


def _free_port(address: str) -> int:
    if _is_free(PORT, address):
        return PORT
    with socket.socket() as one:
        one.bind(("", 0))
        return int(one.getsockname()[1])


def _place(data: str | None, model: str | None) -> str:
    """The page's path and query for what is to be opened; nothing for the start page.

    Raises
    ------
    ValueError
        If there is neither such a key nor such a file or folder, in a sentence.
    """
    if data is None and model is None:
        return ""
    from xai_core.data import list_datasets
    from xai_core.models import list_models

    with watching(Bar()):
        data, model = (str(local(one)) if is_address(one) else one for one in (data, model))
    query: dict[str, str] = {}
    if data is not None:
        titles = {info.key: info.title for info in list_datasets()}
        query |= {"data": titles[data]} if data in titles else {"data": "Folder", "path": _there(data, "data", titles)}
    if model is not None:
        titles = {info.key: info.title for info in list_models()}
        if model in titles:
            query["model"] = titles[model]
        else:  # hf:... and timm:... are names of models on this disk
            query |= {"model": "Checkpoint", "weights": model if ":" in model else _there(model, "model", titles)}
    return f"{PAGE}?{urlencode(query, quote_via=quote)}"


def _there(text: str, what: str, known: Mapping[str, str]) -> str:
    """The whole path of what was named."""
    path = whole_path(text)
    if not path.exists():
        some = ", ".join(list(known)[:4])
        raise ValueError(f"--{what}: no {what} has the key {text!r} (keys: {some}, …), and nothing is at {path}.")
    if not path.is_dir() and not path.is_file():
        raise ValueError(f"--{what}: {path} is neither a folder nor an ordinary file.")
    return str(path)


def _tell(server: subprocess.Popen[bytes], address: str, browser: bool, as_json: bool) -> None:
    """As soon as it answers, say where, and open it."""
    health = address[: address.index("/", len("http://"))] + "/_stcore/health"
    for _ in range(_LOOKS):
        if server.poll() is not None:
            return
        try:
            with urllib.request.urlopen(health, timeout=2):
                break
        except OSError:
            time.sleep(_LOOK_S)
    if as_json:
        print(json.dumps({"address": address, "server": server.pid}), flush=True)
    else:
        say(f"The dashboard is at {address}. Ctrl-C ends it.", flush=True)
    if browser:
        webbrowser.open(address)
