"""From a model string to what answers: one of ours, our transport, or Inspect.

    scripted/…, and every other file of providers/          ours
    openai-api/<service>/<model>                            our transport
    vllm/<model>, where VLLM_BASE_URL is set                our transport
    anything else (openai/…, anthropic/…, hf/…, mockllm/…)  Inspect

``client="inspect"`` sends the second and third line through Inspect too.
"""

import importlib.util
import os
from typing import Literal, Protocol

from quincunx.errors import InputError
from quincunx.models.provider import Provider
from quincunx.registry import Registry

__all__ = ["PROVIDERS", "Client", "ProviderKind", "open_provider"]

Client = Literal["direct", "inspect"]


class ProviderKind(Protocol):
    """An entry of ``providers/``: what stands before the first slash of a model string."""

    def open(self, name: str, *, concurrency: int) -> Provider:
        """The provider of the model ``name`` (what stands after the first slash)."""
        ...


PROVIDERS: Registry[ProviderKind] = Registry("quincunx.models.providers", kind="provider")


def open_provider(model: str, client: Client = "direct", *, concurrency: int = 64) -> Provider:
    """What answers for the model string ``model``.

    Args:
        model: ``<provider>/<name>``.
        client: Whether OpenAI-compatible servers are reached by our own transport.
        concurrency: Most generations in the air at once.

    Raises:
        InputError: For a string without a slash or with an unknown provider, for an
            environment variable that is missing, and without the extra ``lm``.
    """
    prefix, slash, name = model.partition("/")
    if not (prefix and slash and name):
        raise InputError(
            f"model {model!r} is not <provider>/<name>; write, say, openai-api/<service>/<model>"
            " or scripted/<module:function>."
        )
    if client not in ("direct", "inspect"):
        raise InputError(f"client {client!r} is unknown; known: direct, inspect.")
    if prefix in PROVIDERS:
        return PROVIDERS[prefix].open(name, concurrency=concurrency)
    if client == "direct" and (
        prefix == "openai-api" or (prefix == "vllm" and "VLLM_BASE_URL" in os.environ)
    ):
        _need("aiohttp", model)
        from quincunx.models.compatible import CompatibleProvider

        return CompatibleProvider.from_environment(model)
    _need("inspect_ai", model)
    from quincunx.models.inspect_models import InspectProvider

    return InspectProvider(model, concurrency=concurrency)


def _need(package: str, model: str) -> None:
    """Refuse a model whose package is not installed, without importing it."""
    if importlib.util.find_spec(package) is None:
        raise InputError(
            f"model {model!r} needs the package {package!r}; pip install 'quincunx[lm]'."
        )
