"""From a preview to rows: what AWS and Kubernetes hold before and after."""
