"""The pages of the admission desk."""
