"""The screens about persons."""
