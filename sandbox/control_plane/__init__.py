"""Kubernetes for the sandbox: a real control plane without nodes.

It issues the tokens that EKS would issue to pods, keeps objects with their field
managers and deletes what is to be deleted; no pod ever runs.
"""

from sandbox.control_plane.client import Answer
from sandbox.control_plane.running import ControlPlane
from sandbox.control_plane.server_processes import ControlPlaneError
from sandbox.control_plane.webhook import pod_identity_webhook

__all__ = ["Answer", "ControlPlane", "ControlPlaneError", "pod_identity_webhook"]
