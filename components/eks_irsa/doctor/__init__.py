"""Why a pod gets its AWS permissions or does not, link by link."""
