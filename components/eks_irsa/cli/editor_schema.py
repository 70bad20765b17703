"""The part of a ClusterConfig we read, as JSON Schema for editors."""

from typing import Any, Final

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from eks_irsa.cluster_config.cluster_rules import API_VERSION, KIND
from eks_irsa.cluster_config.model import ClusterConfig
from eks_irsa.documents.arns import PARTITIONS
from eks_irsa.documents.regions import REGIONS

__all__ = ["cluster_config_schema"]

_NOT_LOOKED_AT: Final = "For eksctl; it has no effect on roles of service accounts."
_STATEMENT: Final[dict[str, Any]] = {
    "Sid": {"description": "Name of the statement, letters and digits."},
    "Effect": {
        "enum": ["Allow", "Deny"],
        "description": "Whether the statement allows or denies.",
    },
    "Action": {"description": "Actions, such as `s3:GetObject`; `*` for any text."},
    "NotAction": {"description": "All actions but these."},
    "Resource": {"description": "ARNs of what the actions are on; `*` for any text."},
    "NotResource": {"description": "Everything but these ARNs."},
    "Condition": {"description": "Operator -> key -> value or values."},
}
# Where an entry of a section writes a policy.
_POLICIES: Final = (
    ("ServiceAccount", "attachPolicy"),
    ("PodIdentityAssociation", "permissionPolicy"),
    ("Addon", "attachPolicy"),
)
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
    for entry in ("ServiceAccount", "PodIdentityAssociation", "Addon"):
        definitions[entry]["type"] = "object"  # it is there or not
    _narrow(schema["properties"], definitions)
    for section in (schema, *definitions.values()):
        for key in section["properties"].values():
            key.setdefault("description", _NOT_LOOKED_AT)
    head = {"$schema": _Generator.schema_dialect, "$id": _ID}
    return {**head, **schema, "$defs": definitions}


def _narrow(top: dict[str, Any], definitions: dict[str, Any]) -> None:
    """Write down which texts a key takes, where there are few."""
    top["apiVersion"] = {**_without_type(top["apiVersion"]), "const": API_VERSION}
    top["kind"] = {**_without_type(top["kind"]), "const": KIND}
    cluster = definitions["ClusterMetadata"]["properties"]
    shapes = "|".join(shape.pattern for shape in PARTITIONS.values())
    cluster["region"] |= {"pattern": f"^({shapes})$", "examples": [*REGIONS]}
    statement = {"properties": _STATEMENT}
    policy = {
        "Version": {
            "enum": ["2012-10-17", "2008-10-17"],
            "description": "Version of the language; always '2012-10-17', quoted.",
        },
        "Statement": {
            "description": "What is allowed or denied, one statement or a list.",
            # Each word looks at values of its own type alone.
            "type": ["array", "object"],
            "items": statement,
            **statement,
        },
    }
    for entry, key in _POLICIES:
        definitions[entry]["properties"][key] |= {"properties": policy}


def _without_type(schema: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in schema.items() if key != "type"}


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
