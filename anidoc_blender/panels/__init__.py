"""The AniDoc tab in the 3D view and in the sequencer. Draw functions only draw: what is slow was found out before."""
