"""Tests of the applicants' portal."""
