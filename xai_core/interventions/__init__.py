"""What is done to pictures to see what the model makes of it: hidden parts, other backgrounds, adversarial noise."""
