"""What tests a map: deletion and insertion, randomised weights, and every check of one map together."""
