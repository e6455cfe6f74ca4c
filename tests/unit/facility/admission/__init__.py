"""Tests of the admission desk."""
