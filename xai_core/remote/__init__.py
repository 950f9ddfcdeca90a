"""Files elsewhere, by addresses such as s3://bucket/folder: copied here to be read, and kept there when made here."""

from xai_core.remote.access import REFUSAL, check_addresses, forbid_addresses
from xai_core.remote.address import Address, canonical, check_address, is_address
from xai_core.remote.mirror import Mirror
from xai_core.remote.opening import local
from xai_core.remote.place import FOLDER, here, place
from xai_core.remote.storage import Entry, Storage, StorageError
from xai_core.remote.watching import Watch, watching

__all__ = [
    "FOLDER",
    "REFUSAL",
    "Address",
    "Entry",
    "Mirror",
    "Storage",
    "StorageError",
    "Watch",
    "canonical",
    "check_address",
    "check_addresses",
    "forbid_addresses",
    "here",
    "is_address",
    "local",
    "place",
    "watching",
]
