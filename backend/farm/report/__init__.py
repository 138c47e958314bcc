"""What a supervisor looks at after a batch: one HTML page and its pictures, plain files that can be mailed."""
