"""Where a transformer's attention can be read: the three forms in which libraries write it."""

from __future__ import annotations

from typing import Any

from torch import nn


def is_torchs(module: nn.Module) -> bool:
    """Whether it is torch's own, with one projection for queries, keys and values, as torchvision uses it."""
    return isinstance(module, nn.MultiheadAttention) and module.in_proj_weight is not None and module.bias_k is None


def is_timms(module: Any) -> bool:
    """Whether it is timm's over all tokens; windowed attention sees no map of the whole picture."""
    return type(module).__name__ == "Attention" and all(
        hasattr(module, name) for name in ("qkv", "attn_drop", "fused_attn", "num_heads")
    )


def is_hugging_faces(module: Any) -> bool:
    """Whether it is that of Hugging Face's image models, which give their attention beside their output."""
    config = getattr(module, "config", None)
    return (
        hasattr(config, "_attn_implementation")
        and type(module).__name__.endswith("Attention")
        and (hasattr(module, "q_proj") or hasattr(module, "query"))
    )


def attention_modules(net: nn.Module) -> tuple[str, ...]:
    """Names of the modules whose attention can be read, in the order in which the network lists them."""
    return tuple(
        name
        for name, module in net.named_modules()
        if is_torchs(module) or is_timms(module) or is_hugging_faces(module)
    )
