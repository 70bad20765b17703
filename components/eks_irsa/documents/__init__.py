"""What AWS and Kubernetes take and give as text: names, ARNs and policies."""
