"""The settings as a Pulumi.yaml declares them, made from the model."""

from typing import Any, Final

import yaml

from eks_irsa.settings.model import Settings

__all__ = ["declared_settings"]

_NOTE: Final = """\
# A value under `default` here is shared by every stack; a stack file wins over it.
"""


def declared_settings() -> str:
    """Write the section `config` of the Pulumi.yaml of a stack program.

    Each setting has a type, which the engine holds stack files to, a default and its
    description. Only the ClusterConfig has no default, so that the engine asks for it;
    an empty text or map stands for the model's own default.
    """
    schema = Settings.model_json_schema(by_alias=True)
    settings = {
        key: _declared(setting, schema["$defs"])
        for key, setting in schema["properties"].items()
    }
    del settings["clusterConfig"]["default"]
    config = yaml.safe_dump({"config": settings}, sort_keys=False, width=1 << 16)
    return _NOTE + config


def _declared(setting: dict[str, Any], models: dict[str, Any]) -> dict[str, Any]:
    section, of_each = _model(setting, models), setting.get("additionalProperties", {})
    keys = (section or _model(of_each, models)).get("properties", {})
    (kind, *_) = [one.get("type", "object") for one in setting.get("anyOf", [setting])]
    items = {"items": setting["items"]} if kind == "array" else {}
    default = setting.get("default", {})
    named = f" Keys: {', '.join(keys)}." if keys else ""
    return {
        "type": kind,
        **items,
        "default": "" if default is None else default,
        "description": setting["description"] + named,
    }


def _model(setting: dict[str, Any], models: dict[str, Any]) -> dict[str, Any]:
    """Follow a reference; nothing for a plain type."""
    reference = setting.get("$ref", "").rpartition("/")[2]
    return dict(models.get(reference, {}))
