"""Values as YAML of blocks, whose texts every reader takes for texts."""

import yaml

from eks_irsa.source.scalars import scalar

__all__ = ["block_yaml"]


class _Dumper(yaml.SafeDumper):
    """Quotes what Pulumi and eksctl would not read as text, and writes no anchors.

    PyYAML quotes what PyYAML itself would misread; `12345e7` and `n`, which it leaves
    bare, are a number and a boolean to the libraries of Go.
    """

    def ignore_aliases(self, data: object) -> bool:
        """Write everything where it stands."""
        del data
        return True


def block_yaml(value: object) -> str:
    """Write values as YAML, in their order.

    Args:
        value: Maps and lists of texts, numbers, booleans and None.
    """
    return yaml.dump(
        value,
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        width=88,
        default_flow_style=False,
    )


def _represented(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    read, _ = scalar(text, tag=None, quoted=False)
    return dumper.represent_scalar(  # pyright: ignore[reportUnknownMemberType] - the stubs leave the value untyped
        "tag:yaml.org,2002:str", text, style=None if read == text else "'"
    )


_Dumper.add_representer(str, _represented)
# Subclasses carry places.
_Dumper.add_multi_representer(dict, yaml.SafeDumper.represent_dict)
_Dumper.add_multi_representer(list, yaml.SafeDumper.represent_list)
