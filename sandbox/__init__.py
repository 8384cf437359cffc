"""A simulated hotel that speaks the Mews Connector API, and a simulated Seam workspace. For the demo and the tests."""
