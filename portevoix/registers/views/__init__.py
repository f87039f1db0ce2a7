"""The registers in the back office: documents, processors, breaches, the impact assessment."""
