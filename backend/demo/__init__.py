"""Our own demo characters: designs, poses and drawings as plain strokes, without Blender and without OpenCV."""
