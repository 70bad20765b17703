"""What things cost, measured beside something everybody knows."""
