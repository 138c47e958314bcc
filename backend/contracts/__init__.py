"""The contracts: plain data that both sides use. Standard library and numpy only; neither bpy nor torch."""
