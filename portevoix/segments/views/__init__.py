"""The screens of segments: the list, one segment, the editor, the map."""
