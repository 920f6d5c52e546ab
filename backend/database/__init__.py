"""Tables, transactions and the schema."""
