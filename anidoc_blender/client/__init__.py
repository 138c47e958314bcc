"""The add-on's side of the conversation with the backend process. Nothing here knows Blender."""
