//! What holds of Terrace's own designs, said by hand and not by what the program told once.
