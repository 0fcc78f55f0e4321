"""Expected incidents: effort correction, intensity models, back-testing, scores."""
