"""What things cost, beside a baseline in the same run. Prints ratios and asserts nothing."""
