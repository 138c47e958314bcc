"""Helpers that several rooms' tests share. Nothing here asserts anything about the product."""
