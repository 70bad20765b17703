"""The part of a ClusterConfig we read, as JSON Schema for editors."""

from typing import Final

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from eks_irsa.cluster_config.model import ClusterConfig

__all__ = ["cluster_config_schema"]

_ID: Final = "urn:eks-irsa:cluster-config"


def cluster_config_schema() -> dict[str, object]:
    """Describe a ClusterConfig as the models that read it do.

    Returns:
        A JSON Schema, draft 2020-12, in the spelling of the file. Lists of keys are
        closed where unknown keys are errors; what sections of other purpose hold is
        free. It knows structure and types, `check` knows the rest.
    """
    schema = ClusterConfig.model_json_schema(schema_generator=_Generator)
    schema["type"] = "object"
    definitions = schema.pop("$defs")
    definitions["ServiceAccount"]["type"] = "object"  # an entry is there or not
    head = {"$schema": _Generator.schema_dialect, "$id": _ID}
    return {**head, **schema, "$defs": definitions}


class _Generator(GenerateJsonSchema):
    """Says the same in the words that help an editor most.

    Leaves out titles of keys and null as default, and writes "or null" into the types:
    of an `anyOf` an editor can only say that none fits, not which key is unknown.
    """

    def field_title_should_be_set(self, schema: object) -> bool:
        del schema
        return False

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        if schema.get("default", ...) is None:
            return self.generate_inner(schema["schema"])
        return super().default_schema(schema)

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        inner = self.generate_inner(schema["schema"])
        if isinstance(inner.get("type"), str):
            return {**inner, "type": [inner["type"], "null"]}
        return inner if "$ref" in inner else super().nullable_schema(schema)

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        # null stands for an absent key wherever a map may stand.
        return {**super().model_schema(schema), "type": ["object", "null"]}
