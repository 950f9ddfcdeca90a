"""What does a class rely on? Groups of pictures are found on one half of them and tested on the other."""
