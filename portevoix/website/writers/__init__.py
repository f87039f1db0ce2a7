"""Pictures that the instance draws itself."""
