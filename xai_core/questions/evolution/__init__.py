"""Training Evolution: what was each picture taken for, epoch by epoch?"""
