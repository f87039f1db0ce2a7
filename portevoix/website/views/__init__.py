"""Addresses of the site that are not pages, and its screens in the back office."""
