"""A review as Markdown, HTML, a picture, JSON and plain words."""
