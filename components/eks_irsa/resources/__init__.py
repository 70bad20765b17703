"""The components: thin wiring of resources, every decision made in floors below."""
