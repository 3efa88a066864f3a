"""JSON texts that authors write by hand: their values with places in the file, and all that is wrong with them."""
