"""Forms drawn from Pydantic models, and decoded into them."""
