"""Training Evolution: what was predicted for each picture, epoch by epoch?"""
