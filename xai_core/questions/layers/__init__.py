"""Layer Explorer: where does each layer look, and do deeper layers focus more?"""
