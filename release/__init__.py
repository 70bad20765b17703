"""What a release is made of, built here or on GitHub: `make release`."""
