"""Licences: applications, conditions, grants, suspensions, directives and remedies."""
