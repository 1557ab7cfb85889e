"""What files say: reading YAML safely, canonical JSON, undefined numbers, atomic writing.

Every file and document that enters or leaves Quincunx passes through here, so
that limits, hashes, NaN and half-written files are decided once.

Names are imported when first used: cleaning a line for the terminal or writing a
file loads neither NumPy nor the YAML reader.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from quincunx.documents.canonical import (
        canonical_json,
        dumps,
        json_ready,
        sha256_bytes,
        sha256_of,
    )
    from quincunx.documents.reading import YamlLimits, load_yaml, read_yaml
    from quincunx.documents.undefined import Undefined, reason_of
    from quincunx.documents.untrusted import csv_cell, is_safe_id, strip_controls
    from quincunx.documents.writing import write_atomic, write_output

__all__ = [
    "Undefined",
    "YamlLimits",
    "canonical_json",
    "csv_cell",
    "dumps",
    "is_safe_id",
    "json_ready",
    "load_yaml",
    "read_yaml",
    "reason_of",
    "sha256_bytes",
    "sha256_of",
    "strip_controls",
    "write_atomic",
    "write_output",
]

_HOMES = {
    "Undefined": "undefined",
    "YamlLimits": "reading",
    "canonical_json": "canonical",
    "csv_cell": "untrusted",
    "dumps": "canonical",
    "is_safe_id": "untrusted",
    "json_ready": "canonical",
    "load_yaml": "reading",
    "read_yaml": "reading",
    "reason_of": "undefined",
    "sha256_bytes": "canonical",
    "sha256_of": "canonical",
    "strip_controls": "untrusted",
    "write_atomic": "writing",
    "write_output": "writing",
}


def __getattr__(name: str) -> Any:
    """Import the module that owns ``name`` and return it."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
