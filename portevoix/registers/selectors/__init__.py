"""Reads of the registers: facts of the configuration and of the code, put into documents. Nothing is typed twice."""
