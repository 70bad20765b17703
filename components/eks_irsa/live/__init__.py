"""Read-only clients of AWS and Kubernetes, and what they read, as plain values."""
