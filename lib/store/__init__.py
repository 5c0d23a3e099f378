"""The database: engine, schema, migrations, and one module for each thing kept in it."""
