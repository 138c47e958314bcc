"""From a job folder to frames: loads the shot, drives an engine, writes what it yields."""
