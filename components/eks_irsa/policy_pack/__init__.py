"""The rules of the house as a Pulumi policy pack, for programs in any language.

Needs the extra `policy`. A pack is a folder with a PulumiPolicy.yaml and a program:

    from pathlib import Path

    from eks_irsa.policy_pack import serve

    serve(Path(__file__).with_name("rules.yaml"))
"""

from eks_irsa.policy_pack.pack import policies, serve

__all__ = ["policies", "serve"]
