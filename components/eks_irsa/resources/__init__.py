"""The components: thin wiring of Pulumi resources, every decision made in floors below."""
