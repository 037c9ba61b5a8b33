"""From evidence to red, yellow and green, by stated criteria."""
