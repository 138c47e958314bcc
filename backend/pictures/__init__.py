"""Pictures in and out: any file becomes (H, W, 4) uint8 sRGB straight alpha; frames become PNG files."""
