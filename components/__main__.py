"""What the engine runs in this folder as a plugin (PulumiPlugin.yaml).

Not the repository's stack program, which is one folder up.
"""

from eks_irsa.component_host import serve

if __name__ == "__main__":
    serve()
