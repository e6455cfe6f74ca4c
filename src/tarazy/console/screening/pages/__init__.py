"""The pages: each module reads what it shows through the services and returns plain data and a template."""
