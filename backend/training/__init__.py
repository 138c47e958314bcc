"""Fitting the few learned numbers of the engines, from characters this project draws itself."""
