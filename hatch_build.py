"""Puts the pages into a wheel, in the package's folder; in a checkout that is installed to work on they stay put."""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

DASHBOARD = "xai_core/dashboard/app"


class Pages(BuildHookInterface[Any]):
    """What `xai_core.command.dashboard.home` looks for."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version != "editable":
            build_data["force_include"] |= {"app": DASHBOARD, ".streamlit": f"{DASHBOARD}/.streamlit"}
