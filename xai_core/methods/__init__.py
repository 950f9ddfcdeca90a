"""Attribution methods, one file each: a classifier and pictures in, raw maps out.

A method is a function with the decorator `register`. Nothing in these files imports torch before it computes, since
pages list the methods before they need one.
"""

from xai_core.methods.given import given_method, maps_in_files
from xai_core.methods.groups import MethodGroup, method_groups
from xai_core.methods.registry import (
    DEFAULT,
    get_method,
    list_methods,
    register,
    unregister,
    usable_methods,
    why_missing,
)

__all__ = [
    "DEFAULT",
    "MethodGroup",
    "get_method",
    "given_method",
    "list_methods",
    "maps_in_files",
    "method_groups",
    "register",
    "unregister",
    "usable_methods",
    "why_missing",
]
