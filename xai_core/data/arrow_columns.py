"""What the columns of a table with pictures hold, by their kinds and by what Hugging Face's library says of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xai_core import bounded_json

if TYPE_CHECKING:
    import pyarrow as pa

_METADATA = b"huggingface"


def is_bytes(kind: pa.DataType) -> bool:
    """Whether a column holds bytes, as pictures are, and no texts.

    Parameters
    ----------
    kind : pyarrow.DataType
        Of the column; the values of a dictionary count.

    Returns
    -------
    bool
    """
    import pyarrow as pa

    own = kind.value_type if pa.types.is_dictionary(kind) else kind
    return bool(pa.types.is_binary(own) or pa.types.is_large_binary(own) or pa.types.is_binary_view(own))


def holds_pictures(kind: pa.DataType, feature: Any) -> bool:
    """Whether a column holds pictures.

    Parameters
    ----------
    kind : pyarrow.DataType
        Of the column.
    feature : object
        What `features` says of it.

    Returns
    -------
    bool
    """
    import pyarrow as pa

    if isinstance(feature, dict) and feature.get("_type") == "Image":
        return True
    if pa.types.is_struct(kind):
        return any(kind.field(place).name == "bytes" for place in range(kind.num_fields))
    return is_bytes(kind)


def features(schema: pa.Schema) -> dict[str, Any]:
    """What Hugging Face's library says of the columns: name -> what it is; empty where it wrote nothing."""
    try:
        said = bounded_json.loads((schema.metadata or {}).get(_METADATA, b"{}"))
        found = said["info"]["features"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
