"""Tests of papers for clients."""
